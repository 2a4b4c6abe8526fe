import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import type { State } from "../src/connection/connection";
import { diagnose } from "../src/ui/features/doctor/diagnose";
import type { Cause, Evidence, InfoProbe } from "../src/ui/features/doctor/diagnose";
import { calls, Doctor } from "../src/ui/features/doctor/doctor";
import { infoAddress, parseInfo } from "../src/ui/features/doctor/probe";
import { en } from "../src/ui/features/doctor/strings.en";

const maru = (more: Partial<Extract<InfoProbe, { is: "maru" }>> = {}): InfoProbe => ({
  is: "maru",
  protocol: "maru.v1",
  accepts: "connections",
  originAllowed: true,
  ...more,
});

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  server: new URL("wss://socket.example.com/ws"),
  page: new URL("https://chat.example.com/"),
  online: true,
  blocked: false,
  info: maru(),
  socket: "refused",
  ...more,
});
const plain = { server: new URL("ws://socket.example.com/ws") };
const plainPage = { ...plain, page: new URL("http://chat.example.com/") };

describe("the diagnosis", () => {
  it.each<[Cause, string, Partial<Evidence>]>([
    ["upgrade", "a proxy drops the upgrade", {}],
    ["upgrade", "or lets it hang", { socket: "slow" }],
    ["upgrade", "an older server, which says less", { info: maru({ originAllowed: undefined }) }],
    ["passing", "it works by now", { socket: "opened" }],
    ["origin", "the origin isn't listed", { info: maru({ originAllowed: false }) }],
    ["full", "no room", { info: maru({ accepts: "full" }) }],
    ["stopping", "it is going", { info: maru({ accepts: "stopping" }) }],
    [
      "origin",
      "what stays comes before what passes",
      { info: maru({ accepts: "full", originAllowed: false }) },
    ],
    ["version", "another protocol", { info: maru({ protocol: "maru.v2", originAllowed: false }) }],
    ["path", "the address lacks /ws", { server: new URL("wss://socket.example.com/") }],
    ["path", "or has more", { server: new URL("wss://socket.example.com/ws/") }],
    ["silent", "nothing is there", { info: { is: "silent" } }],
    ["offline", "no network", { info: { is: "silent" }, online: false }],
    ["upgrade", "offline, but it is one's own machine that answers", { online: false }],
    ["slow", "no answer in time", { info: { is: "slow" } }],
    ["offline", "no answer, no network", { info: { is: "slow" }, online: false }],
    ["foreign", "a page of somebody else", { info: { is: "other", status: 200 } }],
    ["foreign", "nothing there", { info: { is: "other", status: 404 } }],
    ["masked", "something that may not be read", { info: { is: "unreadable" } }],
    ["gateway", "a gateway alone", { info: { is: "other", status: 502 } }],
    ["gateway", "a gateway alone", { info: { is: "other", status: 503 } }],
    ["policy", "the page's own policy", { blocked: true, info: { is: "silent" } }],
    ["mixed", "https and ws", { ...plain, info: { is: "skipped" } }],
    ["mixed", "whatever else is known", { ...plain, blocked: true, online: false }],
    ["upgrade", "http and ws", plainPage],
    [
      "silent",
      "own machine",
      { server: new URL("ws://localhost:8080/ws"), info: { is: "silent" } },
    ],
    ["silent", "own machine", { server: new URL("ws://127.0.0.1:1/ws"), info: { is: "silent" } }],
    ["silent", "own machine", { server: new URL("ws://[::1]:1/ws"), info: { is: "silent" } }],
    ["mixed", "no own machine", { server: new URL("ws://localhost.example.com/ws") }],
  ])("is %s: %s", (cause, _, more) => expect(diagnose(evidence(more))).toBe(cause));

  it("has a sentence and advice for each", () => {
    const told = Object.keys(en).filter((key) => /^doctor\.\w+\.advice$/.test(key));
    for (const key of told) expect(en).toHaveProperty([key.replace(".advice", "")]);
    expect(told).toHaveLength(15);
  });
});

describe("what the server tells of itself", () => {
  it.each([
    ["ws://127.0.0.1:8080/ws", "http://127.0.0.1:8080/api/v1/info"],
    ["wss://a.example/ws", "https://a.example/api/v1/info"],
    ["wss://a.example/chat/ws", "https://a.example/chat/api/v1/info"],
    ["wss://a.example/chat/ws/", "https://a.example/chat/api/v1/info"],
    ["wss://a.example/", "https://a.example/api/v1/info"],
    ["wss://a.example/socket?x=1", "https://a.example/api/v1/info"],
  ])("for %s is at %s", (server, info) =>
    expect(infoAddress(new URL(server), new URL("https://page.example/x")).href).toBe(
      `${info}?origin=https%3A%2F%2Fpage.example`,
    ),
  );

  it.each<[string, InfoProbe | null]>([
    ['{"protocol":"maru.v1","accepts":"connections","origin_allowed":true}', maru()],
    ['{"protocol":"maru.v1","accepts":"full","origin_allowed":true}', maru({ accepts: "full" })],
    ['{"protocol":"maru.v1"}', maru({ originAllowed: undefined })],
    [
      '{"protocol":"maru.v9","accepts":"later"}',
      maru({ protocol: "maru.v9", originAllowed: undefined }),
    ],
    ['{"protocol":1}', null],
    ['{"name":"something"}', null],
    ["<html>", null],
    ["[]", null],
    ["null", null],
    ["", null],
  ])("%s", (text, expected) => expect(parseInfo(text)).toEqual(expected));
});

const waiting = (attempt: number): State => ({ is: "waiting", attempt, retryAt: 0 });

describe("the doctor", () => {
  it("is called at the second failure, and then ever more seldom", () => {
    const called = Array.from({ length: 40 }, (_, n) => n + 1).filter((n) => calls(waiting(n)));
    expect(called).toEqual([2, 4, 8, 16, 32]);
    expect(calls({ is: "stopped", why: "address", message: "" })).toBe(true);
    expect(calls({ is: "stopped", why: "replaced", message: "" })).toBe(false);
    expect(calls({ is: "connecting" })).toBe(false);
  });

  function practice() {
    const state = signal<State>({ is: "connecting" });
    let visits = 0;
    let finish: (found: Evidence) => void = () => undefined;
    const doctor = new Doctor(
      state,
      () =>
        Promise.resolve({
          diagnose,
          examine: () => {
            visits += 1;
            return new Promise<Evidence>((done) => (finish = done));
          },
        }),
      new URL("wss://a.example/ws"),
      new URL("https://b.example/"),
      () => true,
    );
    const settle = async () => {
      for (let n = 0; n < 10; n++) await Promise.resolve();
    };
    return {
      state,
      doctor,
      settle,
      visits: () => visits,
      finish: (found: Evidence) => finish(found),
    };
  }

  it("tells what was found until the connection is back", async () => {
    const { state, doctor, settle, finish } = practice();
    state.value = waiting(1);
    state.value = waiting(2);
    await settle();
    expect(doctor.finding.value).toBeNull();
    finish(evidence());
    await settle();
    expect(doctor.finding.value?.cause).toBe("upgrade");
    state.value = { is: "connecting" };
    expect(doctor.finding.value?.cause).toBe("upgrade");
    state.value = { is: "open" };
    expect(doctor.finding.value).toBeNull();
  });

  it("makes one examination at a time", async () => {
    const { state, settle, visits, finish } = practice();
    for (const attempt of [2, 4, 8]) {
      state.value = waiting(attempt);
      await settle();
    }
    expect(visits()).toBe(1);
    finish(evidence());
    await settle();
    state.value = waiting(16);
    await settle();
    expect(visits()).toBe(2);
  });

  it("keeps to itself what came too late", async () => {
    const { state, doctor, settle, finish } = practice();
    state.value = waiting(2);
    await settle();
    state.value = { is: "open" };
    finish(evidence());
    await settle();
    expect(doctor.finding.value).toBeNull();
  });
});
