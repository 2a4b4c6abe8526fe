import { describe, expect, it } from "vitest";
import { isMention } from "../src/ui/features/notifications/notifier";
import { ADA, ME } from "./support/wire";

describe("a mention", () => {
  it("is who the server says is meant, whatever the text looks like", () => {
    expect(isMention({ sender: ADA, mentions: [ME] }, ME)).toBe(true);
    expect(isMention({ sender: ADA, mentions: [{ id: "you", name: ME.name }] }, ME)).toBe(false);
    expect(isMention({ sender: ADA }, ME)).toBe(false);
  });

  it("is none of one's own, and of nobody when nobody is known", () => {
    expect(isMention({ sender: ME, mentions: [ME] }, ME)).toBe(false);
    expect(isMention({ sender: ADA, mentions: [ME] }, null)).toBe(false);
  });
});
