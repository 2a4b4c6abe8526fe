import { describe, expect, it } from "vitest";
import { Outbox } from "../src/store/outbox";
import type { PendingMessage } from "../src/store/outbox";
import { MemoryKeep, message, messages, Page } from "./support/page";
import { ADA, ME, OTHER_EPOCH } from "./support/wire";

function outgoing(id: string, at: number, more: Partial<PendingMessage> = {}): PendingMessage {
  return {
    kind: "message",
    id,
    room: "lobby",
    roomKey: "lobby",
    body: `body of ${id}`,
    at,
    delivery: { is: "pending" },
    ...more,
  };
}

const states = (page: Page) =>
  page.client.outbox.messages.value.map((one) => `${one.body}:${one.delivery.is}`);
const bodies = (page: Page) => page.peer.unread("send").map((send) => send.body ?? "");

/** Acknowledges the next send; the entry comes apart. */
function acknowledge(page: Page, seq: number) {
  const { ref, id, room } = page.peer.next("send");
  page.say({ type: "sent", ref, room, id, seq, at: page.clock.now() });
  return id;
}

describe("a message of mine", () => {
  it("is pending, then sent, then the log's", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    expect(states(page)).toEqual(["hi:pending"]);
    expect(page.keep.kept.size).toBe(1);
    const id = acknowledge(page, 4);
    expect(states(page)).toEqual(["hi:sent"]);
    // Acknowledged means durable: nothing to send after a reload.
    expect(page.keep.kept.size).toBe(0);
    page.entry(message("lobby", 4, { id, body: "hi", sender: ME }));
    expect(states(page)).toEqual([]);
    expect(room.timeline.entries.value.at(-1)).toMatchObject({ id, seq: 4 });
  });

  it("leaves by its own entry when that comes first, and `sent` changes nothing", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    const { ref, id } = page.peer.next("send");
    page.entry(message("lobby", 4, { id, body: "hi", sender: ME }));
    expect(states(page)).toEqual([]);
    page.say({ type: "sent", ref, room: "lobby", id, seq: 4, at: 0 });
    expect(states(page)).toEqual([]);
    expect(page.keep.kept.size).toBe(0);
  });

  it("leaves by its own entry in the replay when `sent` was lost, and isn't sent again", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    const { id } = page.peer.next("send");
    page.reconnect();
    expect(bodies(page)).toEqual([]);
    page.answerJoin("lobby", { entries: [message("lobby", 4, { id, body: "hi", sender: ME })] });
    expect(states(page)).toEqual([]);
    expect(bodies(page)).toEqual([]);
    expect(page.keep.kept.size).toBe(0);
  });

  it("is sent again under the same id when neither came", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    const { id } = page.peer.next("send");
    page.reconnect();
    page.answerJoin("lobby", { head: 3 });
    expect(page.peer.next("send")).toMatchObject({ id, body: "hi", room: "lobby" });
  });

  it("is sent again when the answer timed out, not before, under the same id", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    const { id } = page.peer.next("send");
    page.clock.advance(5_000);
    page.answerPings();
    page.clock.advance(9_999);
    expect(bodies(page)).toEqual([]);
    page.clock.advance(1_500);
    expect(page.peer.next("send")).toMatchObject({ id });
    expect(bodies(page)).toEqual([]);
  });

  it("acknowledged with a seq that is held already is done", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "again");
    acknowledge(page, 2);
    expect(states(page)).toEqual([]);
  });

  it("acknowledged, then skipped by a reset, is done", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    acknowledge(page, 4);
    page.reconnect();
    page.answerJoin("lobby", { entries: messages("lobby", 801, 900), reset: true });
    expect(states(page)).toEqual([]);
  });

  it("acknowledged by a server that lost it is sent again", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.client.send(room, "hi");
    const id = acknowledge(page, 4);
    page.reconnect();
    page.answerJoin("lobby", { entries: messages("lobby", 1, 2), reset: true, epoch: OTHER_EPOCH });
    expect(page.peer.next("send")).toMatchObject({ id, body: "hi" });
    expect(page.keep.kept.has(id)).toBe(true);
  });

  it("reads itself and nothing that was not seen; its author is not typing", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 3);
    page.entry(message("lobby", 4));
    page.say({ type: "typing", room: "lobby", user: ADA, on: true });
    expect(room.read.count.value).toBe(1);
    page.entry(message("lobby", 5, { sender: ME }));
    expect([room.read.count.value, room.read.seq.value]).toEqual([1, 3]);
    room.read.mark(5);
    page.entry(message("lobby", 6, { sender: ME }));
    expect([room.read.count.value, room.read.seq.value]).toEqual([0, 6]);
    page.entry(message("lobby", 7, { sender: ADA }));
    expect(room.typing.users.value).toEqual([]);
  });
});

describe("the order of a room", () => {
  it("is the order of writing: one is on the way at a time", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    for (const body of ["a", "b", "c"]) page.client.send(room, body);
    const order: string[] = [];
    for (let seq = 1; seq <= 3; seq++) {
      expect(bodies(page).length).toBe(1);
      order.push(...bodies(page));
      acknowledge(page, seq);
    }
    expect(order).toEqual(["a", "b", "c"]);
    expect(bodies(page)).toEqual([]);
  });

  it("is one room's own: another room doesn't wait", () => {
    const page = Page.greeted();
    const [a, b] = [page.joined("a", 0), page.joined("b", 0)];
    page.client.send(a, "to a");
    page.client.send(b, "to b");
    expect(bodies(page)).toEqual(["to a", "to b"]);
  });

  it("holds when the first must wait: nothing overtakes it", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "a");
    page.client.send(room, "b");
    page.refuse(page.peer.next("send").ref, "rate_limited", 400);
    expect(states(page)).toEqual(["a:pending", "b:pending"]);
    page.client.send(room, "c");
    page.clock.advance(399);
    expect(bodies(page)).toEqual([]);
    page.clock.advance(1);
    expect(bodies(page)).toEqual(["a"]);
  });

  it("a refused one fails, and the rest goes on", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "bad");
    page.client.send(room, "good");
    page.refuse(page.peer.next("send").ref, "invalid_body");
    expect(states(page)).toEqual(["bad:failed", "good:pending"]);
    expect(bodies(page)).toEqual(["good"]);
    const failed = page.client.outbox.messages.value[0];
    expect(failed?.delivery).toEqual({
      is: "failed",
      code: "invalid_body",
      message: "it is invalid_body",
    });
    // It survives a reload as failed: the person decides.
    expect(page.keep.kept.get(failed?.id ?? "")?.delivery.is).toBe("failed");
  });

  it("survives many losses of the connection at any moment, and each arrives once", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    const log: { id: string; body: string }[] = [];
    const written = Array.from({ length: 12 }, (_, i) => `message ${i}`);
    for (const body of written) page.client.send(room, body);
    for (let round = 0; round < 60 && states(page).length > 0; round++) {
      const [send] = page.peer.unread("send");
      if (send !== undefined) {
        page.peer.next("send");
        // The server takes it once per id; its answer, its entry or both may be lost.
        if (round % 4 !== 0 && !log.some((one) => one.id === send.id)) {
          log.push({ id: send.id, body: send.body ?? "" });
        }
        const seq = log.findIndex((one) => one.id === send.id) + 1;
        if (round % 4 === 1) {
          page.say({ type: "sent", ref: send.ref, room: "lobby", id: send.id, seq, at: 0 });
        }
        if (round % 4 !== 3 && seq === room.timeline.head.value + 1) {
          page.entry(message("lobby", seq, { id: send.id, body: send.body ?? "", sender: ME }));
        }
      }
      if (round % 3 === 2 || send === undefined) {
        page.reconnect();
        const { after } = page.peer.unread("join")[0] ?? {};
        page.answerJoin("lobby", {
          head: log.length,
          entries: log
            .map((one, i) => message("lobby", i + 1, { ...one, sender: ME }))
            .slice(after?.seq ?? 0),
        });
      }
    }
    expect(log.map((one) => one.body)).toEqual(written);
    expect(states(page)).toEqual([]);
  });
});

describe("nothing is sent", () => {
  it("before the room is entered; then at once", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.client.send(room, "early");
    expect(bodies(page)).toEqual([]);
    page.answerJoin("lobby", {});
    expect(bodies(page)).toEqual(["early"]);
  });

  it("offline; after the reconnect once, when the room is entered again", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.peer.drop();
    page.client.send(room, "offline");
    expect(states(page)).toEqual(["offline:pending"]);
    page.client.nudge();
    page.greet();
    expect(bodies(page)).toEqual([]);
    page.answerJoin("lobby", {});
    expect(bodies(page)).toEqual(["offline"]);
  });

  it("twice at the same time, however often the outbox is looked at", async () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "once");
    page.keep.left = [outgoing("left", page.clock.now() - 1)];
    page.client.adopt();
    page.client.adopt();
    await page.settle();
    page.client.nudge();
    expect(bodies(page)).toEqual(["once"]);
  });

  it("of a wait that an old connection was asked for, on the new one", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    page.refuse(page.peer.next("send").ref, "overloaded", 9_000);
    page.reconnect();
    page.answerJoin("lobby", {});
    expect(bodies(page)).toEqual(["hi"]);
    page.clock.advance(9_000);
    expect(bodies(page)).toEqual(["hi"]);
  });

  it("to a room that lost us: it is entered first", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    page.refuse(page.peer.next("send").ref, "not_joined");
    expect(states(page)).toEqual(["hi:pending"]);
    page.answerJoin("lobby", {});
    expect(bodies(page)).toEqual(["hi"]);
  });
});

describe("a failed message", () => {
  function failing(code: string) {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    const { id, ref } = page.peer.next("send");
    page.refuse(ref, code);
    return { page, id };
  }

  it("is tried again under its id", () => {
    const { page, id } = failing("invalid_body");
    page.client.retry(id);
    expect(page.peer.next("send")).toMatchObject({ id, body: "hi" });
  });

  it("is tried again under another id when the id was the problem", () => {
    const { page, id } = failing("invalid_id");
    page.client.retry(id);
    const again = page.peer.next("send");
    expect(again.id).not.toBe(id);
    expect(again.body).toBe("hi");
    expect([...page.keep.kept.keys()]).toEqual([again.id]);
  });

  it("is discarded, also on the disk", () => {
    const { page, id } = failing("invalid_body");
    page.client.discard(id);
    expect(states(page)).toEqual([]);
    expect(page.keep.kept.size).toBe(0);
  });

  it("that arrived after all isn't shown as failed", () => {
    const { page, id } = failing("invalid_body");
    page.entry(message("lobby", 1, { id, sender: ME }));
    expect(states(page)).toEqual([]);
  });

  it("can't be retried while it is pending", () => {
    const page = Page.greeted();
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    const id = page.client.outbox.messages.value[0]?.id ?? "";
    page.client.retry(id);
    expect(bodies(page)).toEqual(["hi"]);
  });
});

describe("after a reload", () => {
  it("what was left is sent, in the order of writing, before what is new", async () => {
    const keep = new MemoryKeep();
    keep.left = [outgoing("b", 2), outgoing("a", 1)];
    const page = Page.greeted({ keep });
    await page.settle();
    const room = page.joined("lobby", 0);
    page.client.send(room, "new");
    expect(bodies(page)).toEqual(["body of a"]);
    acknowledge(page, 1);
    expect(bodies(page)).toEqual(["body of b"]);
    acknowledge(page, 2);
    expect(bodies(page)).toEqual(["new"]);
  });

  it("what failed stays failed", async () => {
    const keep = new MemoryKeep();
    keep.left = [
      outgoing("x", 1, { delivery: { is: "failed", code: "invalid_body", message: "" } }),
    ];
    const page = Page.greeted({ keep });
    await page.settle();
    page.joined("lobby", 0);
    expect(bodies(page)).toEqual([]);
    expect(states(page)).toEqual(["body of x:failed"]);
  });

  it("what the log holds already isn't sent", async () => {
    const keep = new MemoryKeep();
    keep.left = [outgoing("mine", 1)];
    const page = Page.greeted({ keep });
    await page.settle();
    page.client.membership.enter("lobby");
    page.answerJoin("lobby", { entries: [message("lobby", 1, { id: "mine", sender: ME })] });
    expect(states(page)).toEqual([]);
    expect(bodies(page)).toEqual([]);
  });

  it("a restore brings nothing twice", () => {
    const outbox = new Outbox(new MemoryKeep());
    outbox.add(outgoing("a", 1));
    outbox.restore([outgoing("a", 1), outgoing("b", 0)]);
    expect(outbox.messages.value.map((one) => one.id)).toEqual(["b", "a"]);
  });

  it("a disk that fails to answer stops nothing", async () => {
    const page = new Page();
    page.keep.adopt = () => Promise.reject(new Error("no locks here"));
    page.client.start();
    page.client.setName("민지");
    page.greet();
    await page.settle();
    const room = page.joined("lobby", 0);
    page.client.send(room, "hi");
    expect(bodies(page)).toEqual(["hi"]);
    expect(page.problems.join()).toContain("no locks here");
  });
});
