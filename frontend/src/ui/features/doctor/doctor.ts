import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { State } from "../../../connection/connection";
import { perApp } from "../../context/per-app";
import type { Cause, Evidence } from "./diagnose";
import { Lazy } from "../../kit/lazy";

export interface Diagnosis {
  cause: Cause;
  evidence: Evidence;
}

/** The parts that are loaded when they are needed. */
export interface Examination {
  examine(server: URL, page: URL, online: () => boolean): Promise<Evidence>;
  diagnose(evidence: Evidence): Cause;
}

/**
 * Whether this failure is one to look into: the second, for the first may be chance, and then ever
 * more seldom, so that a thousand pages in front of a server that is down ask it little.
 */
export function calls(state: State): boolean {
  if (state.is === "stopped") return state.why === "address";
  if (state.is !== "waiting" || state.attempt < 2) return false;
  return (state.attempt & (state.attempt - 1)) === 0;
}

/** Finds out why there is no connection. One examination at a time. */
export class Doctor {
  /** What was found last; null while all is well or nobody knows. */
  readonly finding = signal<Diagnosis | null>(null);
  private busy = false;

  constructor(
    private readonly state: ReadonlySignal<State>,
    private readonly practice: () => Promise<Examination>,
    /** Where the page connects. */
    readonly server: URL,
    private readonly page: URL,
    private readonly online: () => boolean,
  ) {
    effect(() => {
      const now = this.state.value;
      if (now.is === "open" || now.is === "idle") this.finding.value = null;
      else if (calls(now)) void this.visit();
    });
  }

  private async visit(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const examination = await this.practice();
      const evidence = await examination.examine(this.server, this.page, this.online);
      // What is open again needs no explanation.
      const { is } = this.state.peek();
      if (is === "open" || is === "idle") return;
      this.finding.value = { cause: examination.diagnose(evidence), evidence };
    } catch {
      // The part could not be loaded: the banner says what it knows.
    } finally {
      this.busy = false;
    }
  }
}

export const doctorOf = perApp(
  ({ client, server }) =>
    new Doctor(
      client.state,
      () => practice.fetch(),
      new URL(server),
      new URL(location.pathname, location.href),
      () => navigator.onLine,
    ),
);

// What finds out why there is no connection, and what says so.
export const practice = new Lazy(() => import("./probe"));
export const Findings = new Lazy(() => import("./findings").then((m) => m.Findings));
