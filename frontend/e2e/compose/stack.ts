// The containers, as their operator runs them. scripts/test-compose has started them and told where.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { HistoryEntry } from "../support/server.js";
import { until } from "../support/until.js";
import { Wire } from "../support/wire.js";

const run = promisify(execFile);

function told(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is missing: make test-compose`);
  return value;
}

/** Where the page is. */
export const PAGE = told("E2E_PAGE");
/** Where the servers are reached. */
export const GATEWAY = told("E2E_GATEWAY");
export const PROMETHEUS = told("E2E_PROMETHEUS");
/** `docker compose` or `docker-compose`; the project's name is in its environment. */
const [COMPOSE = "", ...FIRST] = told("E2E_COMPOSE").split(" ");

/** Images are there; containers start in seconds. */
const START_MS = 120_000;

export async function compose(...args: string[]): Promise<string> {
  return (await run(COMPOSE, [...FIRST, ...args], { cwd: ".." })).stdout;
}

export async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args)).stdout;
}

/** The containers of the socket servers that run, oldest first. */
export async function servers(): Promise<string[]> {
  const ids = (await compose("ps", "-q", "server")).split("\n").filter((id) => id !== "");
  const seen = await docker("inspect", "-f", "{{.Created}} {{.State.Running}} {{.Id}}", ...ids);
  const rows = seen.trim().split("\n").sort();
  return rows
    .map((row) => row.split(" "))
    .flatMap(([, running, id]) => (running === "true" && id !== undefined ? [id] : []));
}

/** How many servers the gateway gives connections to, by its own metrics. */
export async function serving(): Promise<number> {
  const ask =
    "exec 3<>/dev/tcp/127.0.0.1/8405; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
  const metrics = await compose("exec", "-T", "gateway", "bash", "-c", ask);
  const line = /^haproxy_backend_active_servers\{proxy="servers"\} (\d+)$/m.exec(metrics);
  return Number(line?.[1] ?? Number.NaN);
}

/** What an operator types; returns when the gateway uses them all. */
export async function scale(count: number): Promise<void> {
  await compose("up", "-d", "--scale", `server=${count}`);
  await until(
    `the gateway uses ${count} servers`,
    async () => (await serving()) === count,
    START_MS,
  );
}

/** What an operator types for a new version; the images are there already. */
export async function upgrade(): Promise<void> {
  await run("../scripts/upgrade", { env: { ...process.env, BUILD: "0" } });
}

export async function isWell(address: string): Promise<boolean> {
  return fetch(`${address}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

export async function started(): Promise<void> {
  await until("the page is served", () => isWell(PAGE), START_MS);
  await until("the gateway has a server", () => isWell(GATEWAY), START_MS);
}

/** Nobody reads without an identity: that of somebody who is in no room. */
let reader: Promise<string> | undefined;

async function readerToken(): Promise<string> {
  const wire = await Wire.connect(`${GATEWAY.replace("http", "ws")}/ws`, "Reader");
  wire.close();
  return wire.token;
}

async function messages(room: string, query: string): Promise<Response> {
  const token = await (reader ??= readerToken());
  const address = `${GATEWAY}/api/v1/rooms/${encodeURIComponent(room)}/messages?limit=100${query}`;
  return fetch(address, { headers: { authorization: `Bearer ${token}` } });
}

export async function exists(room: string): Promise<boolean> {
  return (await messages(room, "")).ok;
}

/** A room's whole log. */
export async function history(room: string): Promise<HistoryEntry[]> {
  const all: HistoryEntry[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const answer = await messages(room, `&after=${after}`);
    if (!answer.ok) throw new Error(`${room}: ${answer.status} ${await answer.text()}`);
    const { entries } = (await answer.json()) as { entries: HistoryEntry[] };
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

export interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/** What Prometheus says to a query; throws when it doesn't understand it. */
export async function query(expression: string): Promise<Sample[]> {
  const answer = await fetch(
    `${PROMETHEUS}/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`,
  );
  const body = (await answer.json()) as { error?: string; data?: { result: Sample[] } };
  if (body.data === undefined) throw new Error(`${expression}: ${body.error ?? answer.status}`);
  return body.data.result;
}
