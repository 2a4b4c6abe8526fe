import { describe, expect, it } from "vitest";
import { isMention } from "../src/store/mention";
import { message, Page } from "./support/page";
import { ADA, ME } from "./support/wire";

const called = (body: string, name: string, sender = ADA) =>
  isMention({ body, sender }, { id: "me", name });

describe("a mention", () => {
  it.each([
    ["@Ada", "Ada"],
    ["hello @ada!", "Ada"],
    ["(@Ada)", "Ada"],
    ["@Ada님 봐 주세요", "Ada"],
    ["@민지님", "민지"],
    ["@민지", "민지".normalize("NFD")],
    ["hey\n@Ada Lovelace, look", "Ada Lovelace"],
    ["@adam and @ada", "Ada"],
    ["안녕@민지", "지민, 민지".slice(4)],
  ])("%j calls %s", (body, name) =>
    // Right behind a letter it is part of an address, in Korean too.
    expect(called(body, name)).toBe(!body.startsWith("안녕")),
  );

  it.each([
    ["Ada", "Ada"],
    ["@Adam", "Ada"],
    ["@ada_lovelace", "Ada"],
    ["@Ada2", "Ada"],
    ["mail ada@ada.example", "Ada"],
    ["@민", "민지"],
    ["", "Ada"],
  ])("%j doesn't call %s", (body, name) => expect(called(body, name)).toBe(false));

  it("is what the sender chose, whatever the name is by now", () => {
    const me = { id: "me", name: "Ada Lovelace" };
    const mentions = [{ id: "me", name: "Ada" }];
    expect(isMention({ body: "@Ada", sender: ADA, mentions }, me)).toBe(true);
    expect(isMention({ sender: ADA, mentions: [{ id: "you", name: "Ada" }] }, me)).toBe(false);
    expect(isMention({ sender: ADA }, me)).toBe(false);
  });

  it("is never one's own, nor anybody's before they are known", () => {
    expect(called("@Ada", "Ada", { id: "me", name: "Ada" })).toBe(false);
    expect(isMention({ body: "@Ada", sender: ADA }, null)).toBe(false);
  });
});

describe("a room's mentions", () => {
  const call = `@${ME.name} 여기 봐 주세요`;

  it("count while they are unread", () => {
    const page = Page.greeted();
    const room = page.joined("lobby");
    expect(room.mentions.value).toBe(0);
    page.entry(message("lobby", 4, { body: call }));
    page.entry(message("lobby", 5));
    page.entry(message("lobby", 6, { body: call }));
    expect([room.read.count.value, room.mentions.value]).toEqual([3, 2]);
    room.read.mark(4);
    expect(room.mentions.value).toBe(1);
    room.read.mark(6);
    expect(room.mentions.value).toBe(0);
  });

  it("of a room entered for the first time are history", () => {
    const page = Page.greeted();
    const room = page.client.membership.enter("lobby");
    page.answerJoin("lobby", { entries: [message("lobby", 1, { body: call })] });
    expect(room.mentions.value).toBe(0);
  });

  it("missed during a disconnect count", () => {
    const page = Page.greeted();
    const room = page.joined("lobby");
    page.reconnect();
    page.answerJoin("lobby", { entries: [message("lobby", 4, { body: call })] });
    expect(room.mentions.value).toBe(1);
  });
});
