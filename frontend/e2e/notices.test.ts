// What reaches a person who looks elsewhere: notifications, the tab's title and icon, drafts.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import type { Person } from "./support/person.js";
import { sees, until } from "./support/until.js";

interface Shown {
  title: string;
  body: string;
  tag: string;
}

/** Records what the system is asked to show: what it shows is not for a page to see. */
async function watchNotifications(person: Person): Promise<void> {
  await person.context.addInitScript(() => {
    class Recorded {
      static permission: NotificationPermission = "default";
      static asked = 0;
      static shown: (Shown & { onclick?: () => void; closed: boolean })[] = [];
      static requestPermission(): Promise<NotificationPermission> {
        Recorded.asked += 1;
        Recorded.permission = "granted";
        return Promise.resolve("granted");
      }
      onclick?: () => void;
      closed = false;
      constructor(
        readonly title: string,
        readonly options: { body: string; tag: string },
      ) {
        Recorded.shown.push(this);
      }
      get body() {
        return this.options.body;
      }
      get tag() {
        return this.options.tag;
      }
      close() {
        this.closed = true;
      }
    }
    // Allowed once is allowed after a reload, and in every tab.
    if (localStorage.getItem("maru:notifications") !== null) Recorded.permission = "granted";
    Object.assign(window, { Notification: Recorded });
  });
}

interface Recorded {
  asked: number;
  shown: (Shown & { onclick(): void; closed: boolean })[];
}

const asked = (person: Person) =>
  person.page.evaluate(() => (Notification as unknown as Recorded).asked);
const shown = (person: Person): Promise<Shown[]> =>
  person.page.evaluate(() =>
    (Notification as unknown as Recorded).shown.map(({ title, body, tag }) => ({
      title,
      body,
      tag,
    })),
  );
/** Another window is in front. */
const lookAway = (person: Person) =>
  person.page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
  });
const lookBack = (person: Person) =>
  person.page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event("focus"));
  });
const wish = (person: Person, level: "all" | "mentions" | "none") =>
  person.by("notifications").locator(`label:has(input[value="${level}"])`).click();
const iconOf = (person: Person) => person.page.locator("link[rel=icon]").getAttribute("href");

/** The part that shows notifications is loaded, and this tab's look is known to all. */
const isWatched = (person: Person, room: string, looks: boolean) =>
  until(`it is known whether ${person.name} looks`, () =>
    person.page.evaluate(
      async ([name, wanted]) => {
        const held = (await navigator.locks.query()).held ?? [];
        return held.some((lock) => lock.name === name) === wanted;
      },
      [`maru:seen:${room}`, looks] as const,
    ),
  );

scenario(
  "mentions are shown when one looks elsewhere; nobody is asked but by a click",
  async (world) => {
    await world.start();
    const grace = await world.guest("Grace");
    await grace.enter("design");
    await grace.enter("lobby");
    const ada = await world.person("Ada");
    await watchNotifications(ada);
    await ada.comeInto("design");
    await ada.visit("lobby");
    await ada.isIn("lobby");
    await ada.hasKeys();
    assert.equal(await asked(ada), 0);

    await ada.by("settings").click();
    assert.equal(await asked(ada), 0);
    await wish(ada, "mentions");
    await sees(() => asked(ada), 1);
    await sees(() => ada.by("notification-hint").getAttribute("data-state"), "granted");
    await ada.press("Escape");
    await isWatched(ada, "lobby", true);

    // What one looks at is not told, what is no mention neither.
    await grace.call("lobby", "hello @Ada", await ada.id());
    await grace.say("design", ["nothing for her"]);
    await sees(() => ada.unread("design"), "1");
    assert.deepEqual(await shown(ada), []);

    await grace.call("design", "@Ada look here", await ada.id());
    await sees(
      () => shown(ada),
      [{ title: "Grace in design", body: "@Ada look here", tag: "maru:design" }],
    );
    await lookAway(ada);
    await isWatched(ada, "lobby", false);
    await grace.call("lobby", "and @Ada, here", await ada.id());
    await sees(async () => (await shown(ada)).length, 2);

    // A click on one brings its room.
    await ada.page.evaluate(() => (Notification as unknown as Recorded).shown[0]?.onclick());
    await ada.isIn("design");
    await lookBack(ada);
    await until("what is read is taken back", () =>
      ada.page.evaluate(() => (Notification as unknown as Recorded).shown[0]?.closed ?? false),
    );

    // Nothing means nothing, also after a reload.
    await ada.by("settings").click();
    await wish(ada, "none");
    await ada.page.reload();
    await ada.isIn("design");
    await lookAway(ada);
    await grace.call("design", "@Ada?", await ada.id());
    // And the one in the lobby, which she never looked at.
    await sees(() => ada.page.title(), "(2) design · Maru");
    assert.deepEqual(await shown(ada), []);
  },
);

scenario(
  "where only the worker may show notifications it does, brings their room, and takes them back",
  async (world) => {
    await world.start();
    const grace = await world.guest("Grace");
    await grace.enter("design");
    const ada = await world.person("Ada");
    await ada.context.grantPermissions(["notifications"], { origin: world.server.frontend });
    // As phones have it: the class is there, and throws.
    await ada.context.addInitScript(() => {
      const refuse = function () {
        throw new TypeError(
          "Illegal constructor. Use ServiceWorkerRegistration.showNotification().",
        );
      };
      const permission: NotificationPermission = "granted";
      Object.assign(window, { Notification: Object.assign(refuse, { permission }) });
    });
    await ada.comeInto("design");
    await ada.isInstalled();
    await ada.visit("lobby");
    await ada.isIn("lobby");
    await ada.hasKeys();
    await ada.by("settings").click();
    await wish(ada, "mentions");
    await ada.press("Escape");
    await isWatched(ada, "lobby", true);
    const standing = () =>
      ada.page.evaluate(async () => {
        const worker = await navigator.serviceWorker.ready;
        const all = await worker.getNotifications();
        return all.map(({ title, body, tag }) => ({ title, body, tag }));
      });

    await grace.call("design", "@Ada look here", await ada.id());
    const told = { title: "Grace in design", body: "@Ada look here", tag: "maru:design" };
    await sees(standing, [told]);
    // The system tells the worker of a click, and the worker the page.
    const [worker] = ada.context.serviceWorkers();
    assert.ok(worker);
    const click = () =>
      worker.evaluate(async () => {
        const scope = globalThis as unknown as {
          registration: ServiceWorkerRegistration;
          NotificationEvent: new (type: string, of: { notification: Notification }) => Event;
          dispatchEvent(event: Event): boolean;
        };
        const [notification] = await scope.registration.getNotifications();
        if (notification === undefined) throw new Error("nothing is shown");
        scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification }));
      });
    await click();
    await ada.isIn("design");
    await sees(standing, []);

    // What is read without a click is taken back, too.
    await ada.goTo("lobby");
    await grace.call("design", "@Ada and here", await ada.id());
    await sees(standing, [{ ...told, body: "@Ada and here" }]);
    await ada.goTo("design");
    // Well before the system would drop it by itself, which takes Chromium's 20 s or so.
    await until("it is taken back", async () => (await standing()).length === 0, 8_000);
  },
);

scenario("however many tabs there are, one of them shows it", async (world) => {
  await world.start();
  const grace = await world.guest("Grace");
  await grace.enter("lobby");
  const ada = await world.person("Ada");
  await watchNotifications(ada);
  await ada.comeInto("lobby");
  await ada.hasKeys();
  await ada.by("settings").click();
  await wish(ada, "all");
  await ada.press("Escape");
  const others = [await world.tab("Ada", ada.context), await world.tab("Ada", ada.context)];
  const tabs = [ada, ...others];
  for (const tab of others) {
    await tab.visit("lobby");
    await tab.isIn("lobby");
  }
  for (const tab of tabs) {
    await isWatched(tab, "lobby", true).catch(() => undefined);
    await lookAway(tab);
  }
  await isWatched(ada, "lobby", false);
  const all = async () => (await Promise.all(tabs.map(shown))).flat();
  await grace.say("lobby", ["to all who aren't here"]);
  await sees(async () => (await all()).map(({ body }) => body), ["to all who aren't here"]);
  for (const tab of tabs) await sees(() => tab.page.title(), "(1) lobby · Maru");

  // One tab that looks is enough for all to be silent.
  await lookBack(others[0] ?? ada);
  await isWatched(ada, "lobby", true);
  await grace.say("lobby", ["seen at once"]);
  for (const tab of tabs) await sees(async () => (await tab.bodies()).at(-1), "seen at once");
  assert.equal((await all()).length, 1);
});

scenario("title and icon tell of what is unread, and of being called", async (world) => {
  await world.start();
  const grace = await world.guest("Grace");
  await grace.enter("design");
  const ada = await world.person("Ada");
  await ada.comeInto("design");
  await ada.visit("lobby");
  await ada.isIn("lobby");
  await ada.hasKeys();
  await sees(() => iconOf(ada), "./favicon.svg");
  await grace.say("design", ["one", "two"]);
  await sees(() => ada.page.title(), "(2) lobby · Maru");
  await sees(() => iconOf(ada), "./favicon-unread.svg");
  await grace.call("design", "three, @Ada", await ada.id());
  await sees(() => ada.page.title(), "(3) lobby · Maru");
  await sees(() => iconOf(ada), "./favicon-mention.svg");
  await sees(() => ada.mine("design").getByTestId("mentions").innerText(), "@1\n1 mention of you");
  await ada.goTo("design");
  await sees(() => ada.page.title(), "design · Maru");
  await sees(() => iconOf(ada), "./favicon.svg");
});

scenario("a draft outlives a reload and shows in the list, in every tab", async (world) => {
  await world.start();
  const ada = await world.person("Ada");
  await ada.comeInto("lobby");
  await ada.makeRoom("design");
  await ada.write("half a thought");
  const draft = (person: Person) => person.mine("design").getByTestId("draft");
  assert.ok(await draft(ada).isHidden(), "one sees it in the box");
  await ada.goTo("lobby");
  await until("it shows", () => draft(ada).isVisible());
  const other = await world.tab("Ada", ada.context);
  await other.visit("lobby");
  await other.isIn("lobby");
  await until("it shows there, too", () => draft(other).isVisible());

  await ada.page.reload();
  await ada.isIn("lobby");
  await until("it still shows", () => draft(ada).isVisible());
  await ada.goTo("design");
  assert.equal(await ada.box.inputValue(), "half a thought");
  await ada.press("Enter");
  await ada.seesAll(["half a thought"]);
  await ada.goTo("lobby");
  await until("it is gone", () => draft(ada).isHidden());
  await until("it is gone there, too", () => draft(other).isHidden());
});
