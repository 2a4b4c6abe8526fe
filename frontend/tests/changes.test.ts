import { describe, expect, it, vi } from "vitest";
import type { Change, LoggedMessage } from "../src/store/fold";
import { changed, excerptOf, fold, put } from "../src/store/fold";
import type { PendingChange } from "../src/store/outbox";
import { aboutWith, overlaid } from "../src/store/overlay";
import { MemoryKeep, message, messages, Page } from "./support/page";
import { ADA, ME, OTHER_EPOCH } from "./support/wire";

const said = (seq: number, more: Partial<LoggedMessage> = {}): LoggedMessage => ({
  ...message("lobby", seq, more),
  kind: "message",
});
const head = (seq: number, sender = ADA) => ({
  room: "lobby",
  seq,
  id: `c-${seq}`,
  sender,
  at: seq,
});
const edit = (seq: number, target: number, body?: string): Change => ({
  kind: "edit",
  ...head(seq),
  target,
  ...(body === undefined ? {} : { body }),
});
const remove = (seq: number, target: number): Change => ({ kind: "delete", ...head(seq), target });
const react = (seq: number, target: number, on: boolean, sender = ADA): Change => ({
  kind: "reaction",
  ...head(seq, sender),
  target,
  emoji: "👍",
  on,
});

describe("a change to a message", () => {
  it("is applied once: what is folded in already changes nothing", () => {
    const now = changed(said(1), edit(5, 1, "new"));
    expect(now).toMatchObject({ body: "new", edited: { seq: 5, at: 5 }, changed: 5 });
    expect(changed(now as LoggedMessage, edit(5, 1, "again"))).toBe(now);
    expect(changed(now as LoggedMessage, edit(4, 1, "older"))).toBe(now);
  });

  it("an edit takes its mentions along, and drops those of before", () => {
    const before = said(1, { mentions: [ME] });
    expect(changed(before, edit(2, 1, "nobody"))).not.toHaveProperty("mentions");
  });

  it("a deletion leaves the place and nothing of the text, also in what quoted it", () => {
    const quoting = said(3, { reply_to: { seq: 1, sender: ADA, excerpt: "secret" } });
    const entries = [said(1, { body: "secret" }), quoting];
    const folded = fold(entries, [remove(4, 1)]);
    expect(folded[0]).toMatchObject({ kind: "tombstone", seq: 1, deleted_at: 4, changed: 4 });
    expect(JSON.stringify(folded)).not.toContain("secret");
    // An edit that is read back without its text waits for the deletion that follows.
    expect(changed(said(1), edit(2, 1))).toMatchObject({ body: "message 1" });
  });

  it("reactions are counted, grouped, and gone with the last one", () => {
    let now = said(1);
    for (const change of [react(2, 1, true), react(3, 1, true, ME)])
      now = changed(now, change) as LoggedMessage;
    expect(now.reactions).toEqual([{ emoji: "👍", count: 2, users: [ADA, ME] }]);
    for (const change of [react(4, 1, false), react(5, 1, false, ME)]) {
      now = changed(now, change) as LoggedMessage;
    }
    expect(now).not.toHaveProperty("reactions");
  });

  it("reactions beyond those who are listed are only counted", () => {
    const users = Array.from({ length: 50 }, (_, i) => ({ id: `u${i}`, name: `U${i}` }));
    const full = said(1, { reactions: [{ emoji: "👍", count: 60, users }] });
    expect(changed(full, react(2, 1, true))).toMatchObject({ reactions: [{ count: 61, users }] });
    expect(changed(full, react(2, 1, false))).toMatchObject({ reactions: [{ count: 59, users }] });
  });

  it("to what isn't held changes nothing", () => {
    const entries = messages("lobby", 5, 9);
    expect(fold(entries, [edit(10, 3, "x"), react(11, 12, true)])).toBe(entries);
  });

  it("of entries with others between them finds its message and who quotes it", () => {
    const quoting = said(90, { reply_to: { seq: 40, sender: ADA, excerpt: "before" } });
    const folded = fold([said(3), said(40), quoting], [edit(91, 40, "after"), react(92, 3, true)]);
    expect(folded[1]).toMatchObject({ body: "after", changed: 91 });
    expect(folded[2]).toMatchObject({ reply_to: { excerpt: "after" } });
    expect(folded[0]).toMatchObject({ changed: 92 });
  });

  it("an older edit than a message has makes no quote of it older", () => {
    const quoting = said(90, { reply_to: { seq: 40, sender: ADA, excerpt: "newest" } });
    const entries = [said(40, { body: "newest", changed: 95 }), quoting];
    expect(fold(entries, [edit(91, 40, "older")])).toBe(entries);
  });

  it("a message as it is now takes the place of what is held of it, and of its quotes", () => {
    const quoting = said(9, { reply_to: { seq: 2, sender: ADA, excerpt: "message 2" } });
    const entries = [said(2), said(5, { changed: 30 }), quoting];
    const edited = said(2, { body: "edited", changed: 20 });
    const now = put(entries, [edited, said(5, { body: "old", changed: 12 }), said(7)]);
    expect(now).toEqual([
      edited,
      entries[1],
      { ...quoting, reply_to: { ...quoting.reply_to, excerpt: "edited" } },
    ]);
    const gone = fold([said(1)], [remove(21, 1)]);
    const quotes = [said(8, { reply_to: { seq: 1, sender: ADA, excerpt: "message 1" } })];
    expect(put(quotes, gone)).toEqual([
      said(8, { reply_to: { seq: 1, sender: ADA, deleted: true } }),
    ]);
    expect(put(entries, [])).toBe(entries);
  });

  it("a quote begins as the text does, whole characters", () => {
    expect(excerptOf("😀".repeat(200))).toBe("😀".repeat(140));
    expect(excerptOf("짧다")).toBe("짧다");
  });
});

describe("what was asked for and isn't in the log yet", () => {
  const asked = {
    id: "x",
    room: "lobby",
    roomKey: "lobby",
    at: 1,
    delivery: { is: "pending" },
  } as const;
  const shown = (change: PendingChange) => overlaid(messages("lobby", 1, 3), [change], ME);

  it("is shown at once, as on its way", () => {
    expect(shown({ ...asked, kind: "edit", target: 2, body: "new" })[1]).toMatchObject({
      body: "new",
      waiting: true,
    });
    expect(shown({ ...asked, kind: "delete", target: 2 })[1]).toMatchObject({
      kind: "tombstone",
      waiting: true,
    });
    const one = { ...asked, kind: "reaction", target: 2, emoji: "👍", on: true } as const;
    expect(shown(one)[1]).toMatchObject({ reactions: [{ emoji: "👍", count: 1, users: [ME] }] });
  });

  it("shows once what the log has already", () => {
    const reactions = [{ emoji: "👍", count: 1, users: [ME] }];
    const entries = [said(1, { reactions })];
    const one = { ...asked, kind: "reaction", target: 1, emoji: "👍", on: true } as const;
    expect(overlaid(entries, [one], ME)).toBe(entries);
    const about = { topic: "", description: "", pins: [3, 1] };
    expect(aboutWith(about, [{ ...asked, kind: "pin", target: 1, on: true }])).toBe(about);
  });

  it("leaves entries alone that nothing changes", () => {
    const entries = messages("lobby", 4, 6);
    expect(overlaid(entries, [{ ...asked, kind: "delete", target: 2 }], ME)).toBe(entries);
  });
});

describe("a change of mine", () => {
  function page() {
    const page = Page.greeted();
    return { page, room: page.joined("lobby", 3) };
  }
  const waiting = (page: Page) => page.client.outbox.changes.value.map((change) => change.kind);

  it("asks by the frame of its kind, in the order of asking, messages among them", () => {
    const { page: there, room } = page();
    const { client, peer } = there;
    client.change(room, { kind: "edit", target: 1, body: "@Ada", mentions: [ADA] });
    client.send(room, "said", { reply_to: { seq: 2, sender: ADA }, mentions: [ADA] });
    client.change(room, { kind: "delete", target: 1 });
    client.change(room, { kind: "reaction", target: 2, emoji: "👍", on: true });
    client.change(room, { kind: "pin", target: 2, on: true });
    client.change(room, { kind: "topic", topic: "t", description: "" });
    const heard: unknown[] = [];
    for (const [at, type] of (
      ["edit", "send", "delete", "react", "pin", "topic"] as const
    ).entries()) {
      const { ref, id, ...frame } = peer.next(type);
      heard.push(frame);
      there.say({ type: "sent", ref, room: "lobby", id, seq: 4 + at, at: 0 });
    }
    expect(heard).toEqual([
      { type: "edit", room: "lobby", target: 1, body: "@Ada", mentions: [ADA.id] },
      { type: "send", room: "lobby", body: "said", reply_to: 2, mentions: [ADA.id] },
      { type: "delete", room: "lobby", target: 1 },
      { type: "react", room: "lobby", target: 2, emoji: "👍", on: true },
      { type: "pin", room: "lobby", target: 2, on: true },
      { type: "topic", room: "lobby", topic: "t", description: "" },
    ]);
    expect(there.keep.kept.size).toBe(0);
  });

  it("stays on screen until its entry comes, acknowledged or not", () => {
    const { page: there, room } = page();
    there.client.change(room, { kind: "delete", target: 2 });
    const { ref, id } = there.peer.next("delete");
    there.say({ type: "sent", ref, room: "lobby", id, seq: 4, at: 0 });
    expect(waiting(there)).toEqual(["delete"]);
    there.entry({ kind: "delete", room: "lobby", seq: 4, id, sender: ME, at: 0, target: 2 });
    expect(waiting(there)).toEqual([]);
    expect(room.timeline.entries.value[1]?.kind).toBe("tombstone");
  });

  it("where nothing had to change is done with the answer", () => {
    const { page: there, room } = page();
    there.client.change(room, { kind: "pin", target: 2, on: true });
    const { ref, id } = there.peer.next("pin");
    there.say({ type: "sent", ref, room: "lobby", id, seq: 2, at: 0 });
    expect(waiting(there)).toEqual([]);
  });

  it("that is refused is undone, and told; the rest goes on", () => {
    const { page: there, room } = page();
    const told = vi.fn<(kind: string, code: string) => void>();
    there.client.rejectedChanges.on(({ change, failure }) => told(change.kind, failure.code));
    there.client.change(room, { kind: "edit", target: 1, body: "mine?" });
    there.client.send(room, "next");
    there.refuse(there.peer.next("edit").ref, "not_yours");
    expect(told.mock.calls).toEqual([["edit", "not_yours"]]);
    expect(waiting(there)).toEqual([]);
    expect(there.peer.next("send").body).toBe("next");
    expect([...there.keep.kept.values()].map((kept) => kept.kind)).toEqual(["message"]);
  });

  it("that the server can't take now waits, and what follows waits with it", () => {
    const { page: there, room } = page();
    there.client.change(room, { kind: "pin", target: 1, on: true });
    there.client.send(room, "next");
    const { ref, id } = there.peer.next("pin");
    there.refuse(ref, "unavailable", 300);
    expect(there.peer.unread("send")).toEqual([]);
    there.clock.advance(300);
    expect(there.peer.next("pin").id).toBe(id);
  });

  it("that was asked for too often is undone, rather than to keep what follows waiting", () => {
    const { page: there, room } = page();
    const told = vi.fn<(kind: string, code: string) => void>();
    there.client.rejectedChanges.on(({ change, failure }) => told(change.kind, failure.code));
    there.client.change(room, { kind: "reaction", target: 1, emoji: "👍", on: true });
    there.client.send(room, "next");
    there.refuse(there.peer.next("react").ref, "rate_limited", 250);
    there.clock.advance(250);
    there.refuse(there.peer.next("react").ref, "rate_limited", 3_000);
    expect(told.mock.calls).toEqual([["reaction", "rate_limited"]]);
    // A message waits however long it takes.
    there.refuse(there.peer.next("send").ref, "rate_limited", 3_000);
    there.clock.advance(3_000);
    expect(there.peer.next("send").body).toBe("next");
  });

  it("survives a reload under its id", async () => {
    const { page: before, room } = page();
    before.client.change(room, { kind: "edit", target: 1, body: "later" });
    const { id } = before.peer.next("edit");
    const keep = new MemoryKeep();
    keep.left = [...before.keep.kept.values()];
    const after = Page.greeted({ keep });
    await after.settle();
    after.joined("lobby", 3);
    expect(after.peer.next("edit")).toMatchObject({ id, target: 1, body: "later" });
  });

  it("acknowledged by a server that lost it is asked for again, unless its message is lost too", () => {
    const { page: there, room } = page();
    for (const target of [2, 3]) there.client.change(room, { kind: "pin", target, on: true });
    for (const seq of [4, 5]) {
      const { ref, id } = there.peer.next("pin");
      there.say({ type: "sent", ref, room: "lobby", id, seq, at: 0 });
    }
    there.reconnect();
    there.answerJoin("lobby", {
      entries: messages("lobby", 1, 2),
      reset: true,
      epoch: OTHER_EPOCH,
    });
    expect(there.peer.next("pin").target).toBe(2);
    expect(waiting(there)).toEqual(["pin"]);
  });

  it("a message that answers what is gone, or mentions a stranger, is tried again without", () => {
    const { page: there, room } = page();
    there.client.send(room, "@Ada", { reply_to: { seq: 2, sender: ADA }, mentions: [ADA] });
    for (const [code, field] of [
      ["message_not_found", "reply_to"],
      ["user_not_found", "mentions"],
    ] as const) {
      const { ref, id, ...frame } = there.peer.next("send");
      expect(frame).toHaveProperty(field);
      there.refuse(ref, code);
      there.client.retry(id);
      expect(there.peer.unread("send")[0]).not.toHaveProperty(field);
      expect(there.peer.unread("send")[0]?.id).toBe(id);
    }
  });
});

describe("what a room is about", () => {
  it("is as the join told, and follows the entries", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    const about = { topic: "old", description: "d", pins: [2] };
    page.answerJoin("lobby", { entries: messages("lobby", 1, 3), about });
    expect(room.about.now.value).toEqual(about);
    page.entry({ kind: "topic", ...head(4), topic: "new", description: "" });
    page.entry({ kind: "pin", ...head(5), target: 3, on: true });
    expect(room.about.now.value).toEqual({ topic: "new", description: "", pins: [3, 2] });
    page.entry({ kind: "delete", ...head(6), target: 3 });
    page.entry({ kind: "pin", ...head(7), target: 2, on: false });
    expect(room.about.now.value.pins).toEqual([]);
    page.reconnect();
    page.answerJoin("lobby", { head: 7 });
    expect(room.about.now.value).toEqual({ topic: "", description: "", pins: [] });
  });
});
