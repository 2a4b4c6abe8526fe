import { beforeEach, describe, expect, it } from "vitest";
import { signal } from "@preact/signals-core";
import type { FileInfo } from "../src/protocol/generated";
import { filesOf, Uploads } from "../src/store/uploads";
import { outcomeOf } from "../src/sync/post-file";
import type { PostFailure, Posting } from "../src/sync/post-file";
import { admit, AT_ONCE, TRIES, Uploader } from "../src/sync/uploader";
import { boxOf, columnsOf, heightOf, isPicture } from "../src/ui/features/files/dimensions";
import type { Picture } from "../src/ui/features/files/dimensions";
import { bytes, endingOf, isPlayed, kindOf } from "../src/ui/features/files/file-format";
import { Addresses, httpBase } from "../src/ui/features/files/addresses";
import { AttachmentStorage } from "../src/ui/features/files/attachment-storage";
import { pasted } from "../src/ui/room/composer/text-box";
import { ManualClock } from "./support/clock";
import { Page } from "./support/page";

const info = (name: string, more: Partial<FileInfo> = {}): FileInfo => ({
  id: `id-${name}`,
  name,
  media_type: "image/png",
  size: 10,
  ...more,
});

const chosen = (name: string, roomKey = "마루") => ({
  room: roomKey,
  roomKey,
  name,
  size: 10,
  file: new Blob(["0123456789"]),
  stage: { is: "waiting" } as const,
});

const away: PostFailure = {
  code: "disconnected",
  message: "",
  retryable: true,
  retryAfter: undefined,
};

/** The server's side of it: what was begun, in order, and what was broken off. */
class Host {
  readonly begun: Posting[] = [];
  readonly stopped: string[] = [];
  token: string | null = "token";
  readonly clock = new ManualClock();
  readonly uploads = new Uploads();
  readonly uploader = new Uploader(this.uploads, {
    post: (posting) => {
      this.begun.push(posting);
      return () => void this.stopped.push(posting.address);
    },
    clock: this.clock,
    random: () => 0.5,
    token: () => this.token,
    address: (room, name) => `${room}/${name}`,
  });

  names(): string[] {
    return this.begun.map(({ address }) => address.split("/")[1] ?? "");
  }

  stages(): string[] {
    return this.uploads.all.value.map(({ stage }) => stage.is);
  }

  answer(name: string, failure?: PostFailure): void {
    const posting = this.begun.findLast(({ address }) => address.endsWith(name));
    posting?.done(failure === undefined ? { ok: true, info: info(name) } : { ok: false, failure });
  }

  key(name: string): number {
    return this.uploads.all.value.find((one) => one.name === name)?.key ?? -1;
  }
}

describe("the uploader", () => {
  let host: Host;
  beforeEach(() => {
    host = new Host();
    host.uploader.start();
  });

  it(`sends ${AT_ONCE} at once, in the order in which they were chosen`, () => {
    host.uploads.add(["a", "b", "c", "d"].map((name) => chosen(name)));
    expect(host.names()).toEqual(["a", "b"]);
    expect(host.stages()).toEqual(["sending", "sending", "waiting", "waiting"]);
    host.answer("b");
    expect(host.names()).toEqual(["a", "b", "c"]);
    host.answer("a");
    host.answer("c");
    host.answer("d");
    expect(host.stages()).toEqual(["done", "done", "done", "done"]);
    expect(filesOf(host.uploads.all.value)?.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  it("tells how far each is, and never further than its end", () => {
    host.uploads.add([chosen("a")]);
    host.begun[0]?.progress(4);
    expect(host.uploads.all.value[0]?.stage).toEqual({ is: "sending", sent: 4 });
    host.begun[0]?.progress(400);
    expect(host.uploads.all.value[0]?.stage).toEqual({ is: "sending", sent: 10 });
  });

  it("breaks off what is taken out, and goes on with the next", () => {
    host.uploads.add(["a", "b", "c"].map((name) => chosen(name)));
    host.uploads.remove(host.key("a"));
    expect(host.stopped).toEqual(["마루/a"]);
    expect(host.names()).toEqual(["a", "b", "c"]);
    host.uploads.remove(host.key("c"));
    host.uploads.remove(host.key("b"));
    expect(host.stopped).toHaveLength(3);
    expect(host.uploads.all.value).toEqual([]);
  });

  it("tries again what a lost connection broke, after a pause and without one when it is back", () => {
    host.uploads.add([chosen("a")]);
    host.answer("a", away);
    expect(host.stages()).toEqual(["waiting"]);
    host.clock.advance(499);
    expect(host.begun).toHaveLength(1);
    host.clock.advance(1);
    expect(host.begun).toHaveLength(2);
    host.answer("a", away);
    host.uploader.nudge();
    expect(host.begun).toHaveLength(3);
    host.answer("a");
    expect(host.stages()).toEqual(["done"]);
    expect(host.clock.timers).toBe(0);
  });

  it("gives up when it was in vain often enough; a person, or a new connection, tries again", () => {
    host.uploads.add([chosen("a")]);
    for (let n = 0; n < TRIES; n++) {
      host.answer("a", away);
      host.clock.advance(60_000);
    }
    expect(host.begun).toHaveLength(TRIES);
    expect(host.stages()).toEqual(["failed"]);
    host.uploader.retry(host.key("a"));
    expect(host.stages()).toEqual(["sending"]);
    for (let n = 0; n < TRIES; n++) {
      host.answer("a", away);
      host.clock.advance(60_000);
    }
    host.uploader.nudge();
    expect(host.stages()).toEqual(["sending"]);
  });

  it("waits as long as the server says, but not for an hour", () => {
    host.uploads.add([chosen("a"), chosen("b")]);
    const busy = { ...away, code: "rate_limited", message: "wait", retryAfter: 7_000 };
    host.answer("a", busy);
    host.clock.advance(6_999);
    expect(host.begun).toHaveLength(2);
    host.clock.advance(1);
    expect(host.begun).toHaveLength(3);
    host.answer("b", { ...busy, retryAfter: 3_600_000 });
    expect(host.stages()).toEqual(["sending", "failed"]);
  });

  it("asks a person where trying again can't help", () => {
    host.uploads.add([chosen("a")]);
    host.answer("a", { ...away, code: "type_refused", retryable: false });
    expect(host.stages()).toEqual(["failed"]);
    host.uploader.nudge();
    expect(host.begun).toHaveLength(1);
  });

  it("holds a place free for others while one waits, and forgets its pause with it", () => {
    host.uploads.add(["a", "b", "c"].map((name) => chosen(name)));
    host.answer("a", away);
    expect(host.names()).toEqual(["a", "b", "c"]);
    host.uploads.remove(host.key("a"));
    expect(host.clock.timers).toBe(0);
  });

  it("waits for a token", () => {
    host.token = null;
    host.uploads.add([chosen("a")]);
    expect(host.begun).toEqual([]);
    host.token = "token";
    host.uploader.nudge();
    expect(host.begun).toHaveLength(1);
  });
});

describe("what may be attached", () => {
  const limits = { max_file_bytes: 100, max_files: 3 };
  const file = (size: number) => ({ size });

  it("is what is neither too large, empty, nor one too many", () => {
    const files = [file(100), file(101), file(0), file(1), file(1)];
    const { taken, refused } = admit(files, 1, limits);
    expect(taken).toEqual([file(100), file(1)]);
    expect(refused.map(({ why }) => why)).toEqual(["too_large", "empty", "too_many"]);
  });

  it("is nothing where a message is full", () => {
    expect(admit([file(1)], 3, limits).taken).toEqual([]);
  });
});

/** As the server refuses. */
const problem = (code: string, wait?: unknown) =>
  JSON.stringify({
    type: `urn:maru:problem:${code}`,
    title: "T",
    status: 1,
    detail: "why",
    code,
    ...(wait !== undefined && { retry_after: wait }),
  });

describe("an answer to an upload", () => {
  it("says why not, in a sentence", () => {
    expect(outcomeOf(403, problem("forbidden"), null)).toMatchObject({
      ok: false,
      failure: { code: "forbidden", message: "why" },
    });
    for (const body of ['{"code":7,"detail":7}', "[]", "null", ""])
      expect(outcomeOf(403, body, null)).toMatchObject({
        ok: false,
        failure: { code: "HTTP 403", message: "" },
      });
  });

  it("is the file", () => {
    const body = JSON.stringify(info("사진.png", { width: 3, height: 4 }));
    expect(outcomeOf(201, body, null)).toEqual({
      ok: true,
      info: info("사진.png", { width: 3, height: 4 }),
    });
  });

  it.each([
    [413, problem("file_too_large"), null, "file_too_large", false, undefined],
    [429, problem("rate_limited"), "12", "rate_limited", true, 12_000],
    [429, problem("rate_limited", 1_500), "2", "rate_limited", true, 1_500],
    [503, problem("overloaded"), null, "overloaded", true, undefined],
    [503, problem("overloaded", "soon"), null, "overloaded", true, undefined],
    [502, "<html>", null, "HTTP 502", true, undefined],
    [201, "{}", null, "HTTP 201", false, undefined],
    [500, "null", "soon", "HTTP 500", false, undefined],
  ])("%i is a failure", (status, body, after, code, retryable, retryAfter) => {
    expect(outcomeOf(status, body, after)).toMatchObject({
      ok: false,
      failure: { code, retryable, retryAfter },
    });
  });
});

describe("a message with files", () => {
  const sends = (page: Page) => page.peer.unread("send");

  it("is sent when the last of them is there", () => {
    const page = Page.greeted();
    const room = page.joined("마루");
    const { client } = page;
    client.uploads.add([chosen("a"), chosen("b")]);
    const [a, b] = client.uploads.all.value.map(({ key }) => key);
    client.uploads.change(a ?? 0, { is: "done", info: info("a") });
    client.send(room, "둘");
    expect(sends(page)).toHaveLength(0);
    expect(client.uploads.tray("마루")).toEqual([]);
    const [message] = client.outbox.messages.value;
    expect(message?.delivery).toEqual({ is: "pending", uploading: true });
    // It holds up nothing.
    client.send(room, "먼저");
    expect(page.peer.next("send")).toMatchObject({ body: "먼저" });
    client.uploads.change(b ?? 0, { is: "done", info: info("b") });
    client.uploaded(message?.id ?? "");
    page.say({ type: "sent", ref: 0, room: "마루", id: "x", seq: 9, at: 1 });
    expect(client.outbox.messages.value.at(-1)).toMatchObject({
      id: message?.id,
      delivery: { is: "pending" },
      files: [info("a"), info("b")],
    });
    expect(client.uploads.all.value).toEqual([]);
  });

  it("that are all there goes at once, with or without a text", () => {
    const page = Page.greeted();
    const room = page.joined("마루");
    page.client.uploads.add([{ ...chosen("a"), stage: { is: "done", info: info("a") } }]);
    page.client.send(room, "");
    const send = page.peer.next("send");
    expect(send).toMatchObject({ files: ["id-a"] });
    expect(send).not.toHaveProperty("body");
  });

  it("is discarded with the last of them, unless it has a text", () => {
    const page = Page.greeted();
    const room = page.joined("마루");
    const { client } = page;
    for (const body of ["", "글"]) {
      client.uploads.add([chosen("a")]);
      client.send(room, body);
      const id = client.outbox.messages.value.at(-1)?.id ?? "";
      client.uploads.remove(client.uploads.of(id)[0]?.key ?? 0);
      client.uploaded(id);
    }
    expect(client.outbox.messages.value.map(({ body }) => body)).toEqual(["글"]);
    expect(page.peer.next("send")).toMatchObject({ body: "글" });
  });

  it("tells what it lost when the page was closed meanwhile, and can go without", async () => {
    const before = Page.greeted();
    const room = before.joined("마루");
    before.client.uploads.add([chosen("a")]);
    before.client.send(room, "글");
    before.client.uploads.add([chosen("b")]);
    before.client.send(room, "");
    const { keep, storage } = before;
    keep.left = [...keep.kept.values()];
    const page = Page.greeted({ keep, storage });
    await page.settle();
    page.answerJoin("마루", { head: 3 });
    const [text, alone] = page.client.outbox.messages.value;
    expect([text, alone].map((one) => one?.delivery)).toEqual([
      { is: "failed", code: "files_lost", message: "" },
      { is: "failed", code: "files_lost", message: "" },
    ]);
    expect(page.peer.unread("send")).toHaveLength(0);
    page.clock.advance(1_000);
    page.client.retry(text?.id ?? "");
    const send = page.peer.next("send");
    expect(send).toMatchObject({ body: "글" });
    expect(send).not.toHaveProperty("files");
    // Under a name of its own: another tab may have sent it whole.
    expect(send.id).not.toBe(text?.id);
  });
});

describe("what stands in the message box over a reload", () => {
  class Tab {
    private readonly map = new Map<string, string>();
    getItem = (key: string) => this.map.get(key) ?? null;
    setItem = (key: string, value: string) => void this.map.set(key, value);
    removeItem = (key: string) => void this.map.delete(key);
  }

  it("comes back where the server has it; the rest is told by name", () => {
    const tab = new Tab();
    const before = new Uploads();
    new AttachmentStorage(before, tab).restore();
    before.add([chosen("오는 중.zip"), chosen("다 온.png"), chosen("다른 방", "b")]);
    const [, done] = before.all.value;
    before.change(done?.key ?? 0, { is: "done", info: info("다 온.png") });

    const after = new Uploads();
    const left = new AttachmentStorage(after, tab);
    left.restore();
    expect(after.tray("마루").map(({ name, stage }) => [name, stage.is])).toEqual([
      ["다 온.png", "done"],
    ]);
    expect([...left.lost.value]).toEqual([
      ["마루", ["오는 중.zip"]],
      ["b", ["다른 방"]],
    ]);
    left.forget("마루");
    expect([...left.lost.value.keys()]).toEqual(["b"]);
    after.remove(after.all.value[0]?.key ?? 0);
    expect(tab.getItem("maru:attached")).toBeNull();
  });

  it("is nothing where it is damaged or blocked", () => {
    for (const text of ["{", "[null,1]", '[{"room":"a","roomKey":"a","done":[{}],"lost":[1]}]']) {
      const tab = new Tab();
      tab.setItem("maru:attached", text);
      const uploads = new Uploads();
      const left = new AttachmentStorage(uploads, tab);
      left.restore();
      expect([uploads.all.value, left.lost.value.size]).toEqual([[], 0]);
    }
    new AttachmentStorage(new Uploads(), null).restore();
  });
});

describe("boxes", () => {
  const picture = (width: number, height: number): Picture => ({ ...info("a"), width, height });

  it.each([
    [100, 80, 100, 80],
    [720, 280, 360, 140],
    [1000, 2000, 140, 280],
    [10_000, 20, 360, 48],
    [1, 1, 48, 48],
  ])("of %i by %i are %i by %i", (width, height, w, h) => {
    expect(boxOf(picture(width, height))).toEqual({ width: w, height: h });
  });

  it("stand in rows that are whole", () => {
    expect([2, 3, 4, 5, 6, 10].map(columnsOf)).toEqual([2, 3, 2, 3, 3, 3]);
  });

  it("have a height before they are drawn", () => {
    expect(heightOf([picture(100, 80)])).toBe(86);
    const zip = info("a.zip", { media_type: "application/zip" });
    expect(heightOf([picture(1, 1), picture(1, 1), zip])).toBe(148 + 6 + 58 + 6);
    expect(heightOf([])).toBe(0);
  });

  it("are for what the server measured", () => {
    expect(isPicture(info("a.svg", { media_type: "image/svg+xml" }))).toBe(false);
    expect(isPicture(picture(3, 4))).toBe(true);
    expect(isPlayed(info("a", { media_type: "video/mp4" }))).toBe(true);
    expect(isPlayed(info("a", { media_type: "video/quicktime" }))).toBe(false);
  });
});

describe("addresses", () => {
  it.each([
    ["ws://localhost:8080/ws", "http://localhost:8080"],
    ["wss://a.example/chat/ws", "https://a.example/chat"],
    ["wss://a.example/ws/", "https://a.example"],
    ["wss://a.example/chat/socket?x=1", "https://a.example/chat/socket"],
  ])("beside %s are at %s", (socket, base) => expect(httpBase(socket)).toBe(base));

  it("stay with a picture that is shown, while a link takes the ticket of now", () => {
    const ticket = signal("one two");
    const files = new Addresses("https://a.example", ticket);
    const first = files.shown("x");
    expect(first).toBe("https://a.example/api/v1/files/x?ticket=one%20two");
    ticket.value = "new";
    expect(files.shown("x")).toBe(first);
    expect(files.isStale("x")).toBe(true);
    expect(files.linked({ id: "x" }, true)).toBe(
      "https://a.example/api/v1/files/x?ticket=new&download",
    );
    expect(files.renewed("x")).toContain("ticket=new");
    expect(files.isStale("x")).toBe(false);
  });

  it("name a room and a file in any script", () => {
    expect(new Addresses("http://a", signal("")).target("개발/1", "보고서 #1.pdf")).toBe(
      `http://a/api/v1/rooms/${encodeURIComponent("개발/1")}/files?name=${encodeURIComponent("보고서 #1.pdf")}`,
    );
  });
});

describe("names and sizes", () => {
  it.each([
    ["보고서.HWP", "HWP", "document"],
    ["a.tar.gz", "gz", "archive"],
    ["README", "", "other"],
    [".profile", "", "other"],
    ["a.b c", "", "other"],
  ])("%s ends in %s", (name, ending, kind) => {
    expect(endingOf(name)).toBe(ending);
    expect(kindOf({ name, media_type: "application/octet-stream" })).toBe(kind);
  });

  it.each([
    [1, "en", "1 byte"],
    [12_345, "en", "12 kB"],
    [999_600, "en", "1 MB"],
    [26_214_400, "ko", "26MB"],
    [1_400_000, "ko", "1.4MB"],
  ])("%i bytes in %s are %s", (count, language, text) => expect(bytes(count, language)).toBe(text));
});

describe("what is pasted", () => {
  const data = (types: string[], files: number) =>
    ({ types, files: Array.from({ length: files }, () => new Blob()) }) as unknown as DataTransfer;

  it.each([
    [["Files"], 1, 1],
    // A picture of a page; a file of a file manager.
    [["text/html", "Files"], 1, 1],
    [["text/plain", "Files"], 2, 2],
    // Cells of a table.
    [["text/plain", "text/html", "Files"], 1, 0],
    [["text/plain"], 0, 0],
  ])("%j", (types, files, count) => expect(pasted(data(types, files))).toHaveLength(count));

  it("may be nothing", () => expect(pasted(null)).toEqual([]));
});
