// The stops of the tour at what is done with messages: by keyboard, which is the same on every screen.

import type { Look } from "./tour.js";
import type { Person } from "./person.js";
import { sees, until } from "./until.js";

/** In a room with one's own message as the newest. */
export async function lookAtTalk(person: Person, look: Look): Promise<void> {
  const { keyboard } = person.page;
  const toNewest = async () => {
    await person.tabIntoLog();
    await sees(() => person.page.evaluate(() => document.activeElement?.role), "article");
  };
  await toNewest();
  await keyboard.press("ContextMenu");
  await until("the menu shows", () => person.by("message-menu").isVisible());
  await look(person, "i-menu");
  await keyboard.press("End");
  await keyboard.press("Enter");
  await until("it asks", () => person.by("delete-submit").isVisible());
  await look(person, "j-delete");
  await person.by("delete-cancel").click();

  await toNewest();
  await keyboard.press("r");
  await until("the quote shows", () => person.by("compose-bar").isVisible());
  await keyboard.type("@");
  await until("people show", () => person.by("mention-list").isVisible());
  await look(person, "k-reply-and-mention");
  await keyboard.press("Escape");
  await keyboard.press("Backspace");
  await keyboard.press("Escape");

  await person.by("topic").click();
  await until("it is asked for", () => person.by("about-topic").isVisible());
  await person.by("about-topic").fill("시안 v2 · 금요일까지 의견 주세요");
  await look(person, "l-topic");
  await person.by("about-submit").click();
  await until("it is said", async () => (await person.by("note").count()) > 0);

  await toNewest();
  await keyboard.press("ContextMenu");
  await person.by("message-menu").locator('[data-deed="pin"]').click();
  await person.by("pins").click();
  await until("it is held up", () => person.by("pin").first().isVisible());
  await look(person, "m-pinned");
  await keyboard.press("Escape");
}
