import { beforeEach, describe, expect, it } from "vitest";
import { BASE_MS, backoff, CAP_MS } from "../src/connection/backoff";
import { Connection, OPEN_TIMEOUT_MS, STABLE_MS } from "../src/connection/connection";
import type { Credentials, State } from "../src/connection/connection";
import { REQUEST_TIMEOUT_MS } from "../src/connection/requests";
import type { Failure, Outcome } from "../src/connection/requests";
import type { Incoming } from "../src/protocol/frames";
import type { ServerFrame } from "../src/protocol/generated";
import { ManualClock } from "./support/clock";
import { forSeeds } from "./support/random";
import { welcome, Wire } from "./support/wire";

const HALF = 0.5;

function setUp(credentials: () => Credentials | null = () => ({ token: "t" })) {
  const wire = new Wire();
  const clock = new ManualClock();
  const states: State[] = [];
  const frames: Incoming[] = [];
  const problems: string[] = [];
  const refusals: Failure[] = [];
  let welcomes = 0;
  const world = { who: credentials, mend: () => true };
  const connection = new Connection(wire.open, clock, () => HALF, {
    credentials: () => world.who(),
    refused(failure) {
      refusals.push(failure);
      return world.mend();
    },
    state: (state) => void states.push(state),
    welcome() {
      welcomes += 1;
    },
    frame: (frame) => void frames.push(frame),
    problem: (what) => void problems.push(what),
  });
  const open = (frame: ServerFrame = welcome()) => {
    connection.connect();
    wire.peer.accept();
    wire.peer.next("hello");
    wire.peer.say(frame);
  };
  const tell = { connection, wire, clock, states, frames, problems, refusals, world, open };
  return { ...tell, welcomes: () => welcomes, is: () => connection.state.is };
}

type Rig = ReturnType<typeof setUp>;
let rig: Rig;
beforeEach(() => {
  rig = setUp();
});

/** What a request came to, and how often it was told. */
function watched<T>() {
  const outcomes: T[] = [];
  return { done: (outcome: T) => void outcomes.push(outcome), outcomes };
}
function rooms(from: Rig) {
  const watch = watched<Outcome>();
  from.connection.request({ type: "rooms" }, watch.done);
  return watch.outcomes;
}

describe("hello", () => {
  it("is said once the socket is open, and nothing before", () => {
    rig.connection.connect();
    expect(rig.is()).toBe("connecting");
    expect(rig.wire.peer.heard).toEqual([]);
    rig.wire.peer.accept();
    expect(rig.is()).toBe("greeting");
    expect(rig.wire.peer.heard).toEqual([{ type: "hello", version: 1, token: "t" }]);
    rig.wire.peer.say(welcome());
    expect(rig.is()).toBe("open");
    expect(rig.welcomes()).toBe(1);
    expect(rig.states.map((state) => state.is)).toEqual(["connecting", "greeting", "open"]);
  });

  it("waits for somebody to be", () => {
    rig.world.who = () => null;
    rig.connection.connect();
    expect(rig.wire.peers).toEqual([]);
    expect(rig.is()).toBe("idle");
    rig.world.who = () => ({ name: "Ada" });
    rig.connection.connect();
    rig.wire.peer.accept();
    expect(rig.wire.peer.next("hello")).toEqual({ type: "hello", version: 1, name: "Ada" });
  });

  it("passes over what comes before the welcome", () => {
    rig.connection.connect();
    rig.wire.peer.accept();
    rig.wire.peer.say({ type: "directory", rooms: [] });
    expect(rig.frames).toEqual([]);
    expect(rig.is()).toBe("greeting");
  });

  it("is said again without the token that was refused", () => {
    rig.world.who = () => (rig.refusals.length === 0 ? { token: "old" } : { name: "민지" });
    rig.connection.connect();
    rig.wire.peer.accept();
    expect(rig.wire.peer.next("hello")).toMatchObject({ token: "old" });
    rig.wire.peer.say({ type: "error", code: "invalid_token", message: "damaged" });
    expect(rig.wire.peer.next("hello")).toEqual({ type: "hello", version: 1, name: "민지" });
    rig.wire.peer.say(welcome());
    expect(rig.is()).toBe("open");
    expect(rig.wire.peers.length).toBe(1);
  });

  it("leaves the name to the person when nothing mends it", () => {
    rig.world.mend = () => false;
    rig.connection.connect();
    rig.wire.peer.accept();
    rig.wire.peer.say({ type: "error", code: "invalid_name", message: "no" });
    expect(rig.is()).toBe("idle");
    expect(rig.wire.peer.is).toBe("closed");
    rig.clock.advance(120_000);
    expect(rig.wire.peers.length).toBe(1);
  });

  it("isn't repeated for ever on one connection", () => {
    rig.connection.connect();
    rig.wire.peer.accept();
    for (let i = 0; i < 10; i++) {
      rig.wire.peer.say({ type: "error", code: "invalid_token", message: "no" });
    }
    expect(rig.wire.peer.unread("hello").length).toBe(3);
    expect(rig.connection.state).toEqual({ is: "stopped", why: "invalid_token", message: "no" });
  });

  it("is tried again when the server was only busy, after what it asks", () => {
    rig.connection.connect();
    rig.wire.peer.accept();
    rig.wire.peer.say({ type: "error", code: "overloaded", message: "busy", retry_after: 700 });
    expect(rig.connection.state).toMatchObject({
      is: "waiting",
      retryAt: rig.clock.now() + 700,
    });
    rig.clock.advance(700);
    expect(rig.wire.peers.length).toBe(2);
  });

  it("that nobody answers is given up", () => {
    rig.connection.connect();
    rig.wire.peer.accept();
    rig.clock.advance(OPEN_TIMEOUT_MS - 1);
    expect(rig.is()).toBe("greeting");
    rig.clock.advance(1);
    expect(rig.is()).toBe("waiting");
    expect(rig.wire.peer.is).toBe("closed");
  });

  it("a socket that never opens is given up", () => {
    rig.connection.connect();
    rig.clock.advance(OPEN_TIMEOUT_MS);
    expect(rig.is()).toBe("waiting");
  });
});

describe("requests", () => {
  it("are paired with their answers by ref, in whatever order these come", () => {
    rig.open();
    const first = rooms(rig);
    const second = rooms(rig);
    const [a, b] = rig.wire.peer.unread("rooms");
    expect(a?.ref).not.toBe(b?.ref);
    rig.wire.peer.say({ type: "rooms", ref: b?.ref, rooms: [] });
    expect([first.length, second.length]).toEqual([0, 1]);
    rig.wire.peer.say({
      type: "error",
      ref: a?.ref,
      code: "rate_limited",
      message: "slow",
      retry_after: 9,
    });
    expect(first).toEqual([
      {
        ok: false,
        failure: { code: "rate_limited", message: "slow", retryAfter: 9, retryable: true },
      },
    ]);
    // Answered: no timeout comes after it.
    rig.clock.advance(10 * REQUEST_TIMEOUT_MS);
    expect([first.length, second.length]).toEqual([1, 1]);
  });

  it("time out, and a late answer counts for nothing", () => {
    rig.open();
    const outcomes = rooms(rig);
    const { ref } = rig.wire.peer.next("rooms");
    // The server is there, and doesn't answer this.
    rig.clock.advance(5_000);
    rig.wire.peer.next("ping");
    rig.wire.peer.say({ type: "pong" });
    rig.clock.advance(REQUEST_TIMEOUT_MS - 5_001);
    expect(outcomes).toEqual([]);
    rig.clock.advance(1);
    expect(outcomes).toMatchObject([{ ok: false, failure: { code: "timeout", retryable: true } }]);
    rig.wire.peer.say({ type: "rooms", ref, rooms: [] });
    expect(outcomes.length).toBe(1);
    expect(rig.frames).toEqual([{ type: "pong" }]);
  });

  it("fail at once when the connection goes, each once", () => {
    rig.open();
    const outcomes = rooms(rig);
    rig.wire.peer.drop();
    expect(outcomes).toMatchObject([{ ok: false, failure: { code: "disconnected" } }]);
    rig.clock.advance(REQUEST_TIMEOUT_MS);
    expect(outcomes.length).toBe(1);
  });

  it("fail at once without a connection", () => {
    const outcomes = rooms(rig);
    expect(outcomes).toMatchObject([{ ok: false, failure: { code: "disconnected" } }]);
  });

  it("asked anew while they fail don't go to the dead socket", () => {
    rig.open();
    const { peer } = rig.wire;
    const again: Outcome[] = [];
    rig.connection.request({ type: "rooms" }, () => {
      rig.connection.request({ type: "rooms" }, (outcome) => void again.push(outcome));
    });
    peer.drop();
    expect(peer.unread("rooms").length).toBe(1);
    expect(again).toMatchObject([{ ok: false, failure: { code: "disconnected" } }]);
  });

  it("an answer of an older connection settles nothing of the new one", () => {
    rig.open();
    const old = rig.wire.peer;
    rooms(rig);
    const { ref } = old.next("rooms");
    rig.connection.reconnect();
    rig.wire.peer.accept();
    rig.wire.peer.say(welcome());
    const outcomes = rooms(rig);
    expect(rig.wire.peer.next("rooms").ref).not.toBe(ref);
    rig.wire.peer.say({ type: "rooms", ref, rooms: [] });
    expect(outcomes).toEqual([]);
  });

  it("answered by the wrong frame are refused, and told to the developer", () => {
    rig.open();
    const outcomes = rooms(rig);
    rig.wire.peer.say({ type: "ok", ref: rig.wire.peer.next("rooms").ref });
    expect(outcomes).toMatchObject([{ ok: false, failure: { code: "other", retryable: false } }]);
    expect(rig.problems).toEqual(["rooms answered by ok"]);
  });

  it("an unreadable frame harms nothing", () => {
    rig.open();
    rig.wire.peer.text("{");
    rig.wire.peer.text(new ArrayBuffer(2));
    expect(rig.problems).toEqual(["not JSON", "not a text frame"]);
    expect(rig.is()).toBe("open");
  });
});

describe("heartbeat", () => {
  const { interval, timeout } = welcome().heartbeat;

  it("pings after an interval of silence, and gives up at the timeout", () => {
    rig.open();
    rig.clock.advance(interval - 1);
    expect(rig.wire.peer.unread("ping")).toEqual([]);
    rig.clock.advance(1);
    expect(rig.wire.peer.unread("ping").length).toBe(1);
    rig.clock.advance(timeout - interval - 1);
    expect(rig.is()).toBe("open");
    rig.clock.advance(1);
    expect(rig.is()).toBe("waiting");
    expect(rig.wire.peer.is).toBe("closed");
  });

  it("anything heard is a sign of life", () => {
    rig.open();
    for (let i = 0; i < 5; i++) {
      rig.clock.advance(interval - 1);
      rig.wire.peer.say({ type: "directory", rooms: [] });
    }
    expect(rig.wire.peer.unread("ping")).toEqual([]);
    rig.clock.advance(interval);
    rig.wire.peer.next("ping");
    rig.wire.peer.say({ type: "pong" });
    rig.clock.advance(interval - 1);
    expect(rig.is()).toBe("open");
    expect(rig.wire.peer.unread("ping")).toEqual([]);
  });

  it("a tab that slept asks before it gives up", () => {
    rig.open();
    rig.clock.sleep(10 * timeout);
    rig.clock.advance(0);
    expect(rig.is()).toBe("open");
    rig.wire.peer.next("ping");
    rig.wire.peer.say({ type: "pong" });
    rig.clock.advance(interval - 1);
    expect(rig.is()).toBe("open");
  });

  it("a reason for doubt asks at once, and waits less", () => {
    rig.open();
    rig.connection.nudge();
    rig.connection.nudge();
    expect(rig.wire.peer.unread("ping").length).toBe(1);
    rig.clock.advance(8_000);
    expect(rig.is()).toBe("waiting");
  });

  it("tells within five seconds that nobody answers, and takes it back when somebody does", () => {
    rig.open();
    const silent = () => rig.connection.state.is === "open" && rig.connection.state.silent === true;
    rooms(rig);
    rig.clock.advance(1_499);
    expect(rig.wire.peer.unread("ping")).toEqual([]);
    rig.clock.advance(2_500);
    expect(rig.wire.peer.unread("ping").length).toBe(1);
    expect(silent()).toBe(false);
    rig.clock.advance(1);
    expect(silent()).toBe(true);
    rig.wire.peer.say({ type: "pong" });
    expect([rig.is(), silent()]).toEqual(["open", false]);
    // A slow answer is no reason to give up a server that is there.
    rig.clock.advance(REQUEST_TIMEOUT_MS);
    expect(rig.is()).toBe("open");

    rig.connection.nudge();
    rig.clock.advance(7_999);
    expect(silent()).toBe(true);
    rig.clock.advance(1);
    expect(rig.is()).toBe("waiting");
  });

  it("an answer in time is no reason for doubt", () => {
    rig.open();
    rooms(rig);
    rig.clock.advance(1_000);
    rig.wire.peer.say({ type: "rooms", ref: rig.wire.peer.next("rooms").ref, rooms: [] });
    rig.clock.advance(5_000);
    expect(rig.wire.peer.unread("ping")).toEqual([]);
  });

  it("stops with its connection", () => {
    rig.open();
    rig.connection.close();
    expect(rig.clock.timers).toBe(0);
    rig.clock.advance(10 * timeout);
    expect(rig.is()).toBe("idle");
  });
});

describe("coming back", () => {
  const waiting = (from: Rig) => {
    const { state } = from.connection;
    if (state.is !== "waiting") throw new Error(`is ${state.is}`);
    return { wait: state.retryAt - from.clock.now(), attempt: state.attempt };
  };

  it("full jitter: anywhere between nothing and a ceiling that doubles up to the cap", () => {
    for (let attempt = 1; attempt < 60; attempt++) {
      const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
      expect(backoff(attempt, () => 0)).toBe(0);
      expect(backoff(attempt, () => 1 - Number.EPSILON)).toBe(ceiling);
      forSeeds(20, (random) => {
        const wait = backoff(attempt, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(ceiling);
      });
    }
  });

  it("each failed attempt waits for longer", () => {
    rig.connection.connect();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      rig.wire.peer.drop();
      const { wait, attempt } = waiting(rig);
      expect(attempt).toBe(i + 1);
      waits.push(wait);
      rig.clock.advance(wait - 1);
      expect(rig.is()).toBe("waiting");
      rig.clock.advance(1);
      expect(rig.is()).toBe("connecting");
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(rig.wire.peers.length).toBe(8);
  });

  it("a connection that held starts from fast retries, one that didn't goes on", () => {
    for (let i = 0; i < 3; i++) {
      rig.connection.connect();
      rig.wire.peer.drop();
    }
    rig.open();
    rig.clock.advance(STABLE_MS - 1);
    rig.wire.peer.drop();
    expect(waiting(rig).attempt).toBe(4);
    rig.open();
    rig.clock.advance(STABLE_MS);
    rig.wire.peer.drop(1006);
    expect(waiting(rig).attempt).toBe(1);
  });

  it("bye.retry_after is heeded, when the socket closes", () => {
    rig.open();
    rig.wire.peer.say({ type: "bye", code: "shutdown", reason: "restart", retry_after: 4_321 });
    // What the server still sends counts.
    rig.wire.peer.say({ type: "directory", rooms: [] });
    expect(rig.frames.length).toBe(1);
    expect(rig.is()).toBe("open");
    rig.wire.peer.drop(1012);
    expect(waiting(rig).wait).toBe(4_321);
    rig.clock.advance(4_321);
    expect(rig.is()).toBe("connecting");
    // Once: the next loss is an ordinary one.
    rig.wire.peer.drop();
    expect(waiting(rig).wait).not.toBe(4_321);
  });

  it.each(["slow_reader", "heartbeat_timeout", "hello_timeout"])(
    "a retryable bye without retry_after backs off: %s",
    (code) => {
      rig.open();
      rig.wire.peer.say({ type: "bye", code, reason: "" });
      rig.wire.peer.drop(1013);
      expect(waiting(rig).wait).toBe(500);
    },
  );

  it.each(["unsupported_version", "too_many_errors", "a_code_of_tomorrow"])(
    "a bye that isn't retryable stops: %s",
    (code) => {
      rig.open();
      rig.wire.peer.say({ type: "bye", code, reason: "no more" });
      expect(rig.connection.state).toMatchObject({ is: "stopped", message: "no more" });
      expect(rig.wire.peer.is).toBe("closed");
      rig.connection.nudge();
      rig.clock.advance(3_600_000);
      expect(rig.wire.peers.length).toBe(1);
    },
  );

  it("an unknown bye with retry_after is retryable", () => {
    rig.open();
    rig.wire.peer.say({ type: "bye", code: "moved", reason: "", retry_after: 50 });
    rig.wire.peer.drop();
    expect(waiting(rig).wait).toBe(50);
  });

  it("retry-now and `online` don't wait for the countdown, and there is one socket only", () => {
    rig.connection.connect();
    rig.wire.peer.drop();
    rig.connection.connect();
    expect(rig.is()).toBe("connecting");
    rig.wire.peer.drop();
    rig.connection.nudge();
    expect(rig.is()).toBe("connecting");
    rig.connection.nudge();
    rig.connection.connect();
    expect(rig.wire.peers.length).toBe(3);
    rig.wire.peer.accept();
    rig.wire.peer.say(welcome());
    // The retry that was due is gone.
    rig.clock.advance(20_000);
    expect(rig.wire.peers.length).toBe(3);
  });

  it("an address that can't work stops, and says why", () => {
    rig.wire.broken = new SyntaxError("bad URL");
    rig.connection.connect();
    expect(rig.connection.state).toEqual({ is: "stopped", why: "address", message: "bad URL" });
    expect(rig.clock.timers).toBe(0);
  });

  it("reconnect replaces the socket and greets anew", () => {
    rig.open();
    const first = rig.wire.peer;
    rig.connection.reconnect();
    expect(first.is).toBe("closed");
    expect(rig.is()).toBe("connecting");
    rig.wire.peer.accept();
    rig.wire.peer.say(welcome());
    expect(rig.welcomes()).toBe(2);
  });

  it("leaves no timers behind, whatever happens", () => {
    forSeeds(60, (random) => {
      const one = setUp();
      one.connection.connect();
      for (let i = 0; i < 60; i++) {
        const { peer } = one.wire;
        const dice = Math.floor(random() * 9);
        if (dice === 0 && peer.is === "connecting") peer.accept();
        else if (dice <= 2) peer.say(welcome());
        else if (dice === 3) peer.drop();
        else if (dice === 4) one.connection.nudge();
        else if (dice === 5) one.connection.connect();
        else if (dice === 6) one.connection.reconnect();
        else if (dice === 7)
          peer.say({ type: "bye", code: "shutdown", reason: "", retry_after: 5 });
        else one.clock.advance(random() * 30_000);
        // The retry, the opening or the heartbeat: one at a time.
        expect(one.clock.timers).toBeLessThanOrEqual(1);
        expect(one.wire.peers.filter((other) => other.is !== "closed").length).toBeLessThanOrEqual(
          1,
        );
      }
      one.connection.close();
      expect(one.clock.timers).toBe(0);
    });
  });
});

describe("notices", () => {
  it("go out when the connection is open, and are dropped otherwise", () => {
    const frame = { type: "typing", room: "lobby", on: true } as const;
    rig.connection.notify(frame);
    rig.open();
    rig.connection.notify(frame);
    expect(rig.wire.peer.unread("typing")).toEqual([frame]);
  });
});
