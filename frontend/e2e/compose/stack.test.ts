// What is served to whom, before anybody chats.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { sees, until } from "../support/until.js";
import { compose, docker, GATEWAY, PAGE, PROMETHEUS, query, servers, started } from "./stack.js";

const host = new URL(GATEWAY).host;

void test("the page is served with its policy, and finds the gateway", async () => {
  await started();
  const page = await fetch(PAGE);
  assert.equal(page.status, 200);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.ok(policy.includes(`connect-src 'self' ws://${host} http://${host};`), policy);
  assert.ok(policy.includes("frame-ancestors 'none'"), policy);

  const config = await fetch(`${PAGE}/config.json`);
  assert.equal(config.headers.get("cache-control"), "no-cache");
  assert.deepEqual(await config.json(), { server: `ws://${host}/ws` });

  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const asset = await fetch(`${PAGE}/${script}`);
  assert.equal(asset.status, 200);
  assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(asset.headers.get("content-encoding"), "gzip");
  const missing = await fetch(`${PAGE}/assets/missing.js`);
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get("cache-control"), "no-cache");
  assert.equal(missing.headers.get("x-content-type-options"), "nosniff");
});

void test("the gateway shows what is for everybody, and hides what is for operators", async () => {
  await started();
  const info = await fetch(`${GATEWAY}/api/v1/info`);
  assert.equal(((await info.json()) as { protocol: string }).protocol, "maru.v1");
  const hidden = [
    "/metrics",
    "/METRICS",
    "/admin/drain",
    "/readyz",
    "/%72eadyz",
    "//readyz",
    "/elsewhere",
  ];
  for (const path of hidden) {
    for (const method of ["GET", "POST"]) {
      const answer = await fetch(GATEWAY + path, { method });
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal(((await answer.json()) as { code: string }).code, "not_found", path);
    }
  }
});

void test("our containers can't write, and have no rights to lose", async () => {
  for (const service of ["frontend", "gateway", "server", "nats"]) {
    const [id = ""] = (await compose("ps", "-q", service)).split("\n");
    const [container] = JSON.parse(await docker("inspect", id)) as {
      Config: { User: string };
      HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[]; SecurityOpt: string[] };
    }[];
    assert.ok(container !== undefined, service);
    assert.ok(container.HostConfig.ReadonlyRootfs, service);
    assert.deepEqual(container.HostConfig.CapDrop, ["ALL"], service);
    assert.deepEqual(container.HostConfig.SecurityOpt, ["no-new-privileges:true"], service);
    assert.ok(!["", "0", "root"].includes(container.Config.User), `${service} runs as root`);
  }
});

void test("a page without the gateway's address doesn't start, and says why", async () => {
  const [id = ""] = (await compose("ps", "-q", "frontend")).split("\n");
  const image = (await docker("inspect", "-f", "{{.Image}}", id)).trim();
  for (const [address, sentence] of [
    ["", "MARU_SERVER_URL is not set"],
    ["socket.example.com", "begins with http://, https://, ws:// or wss://"],
  ] as const) {
    const start = docker("run", "--rm", "-e", `MARU_SERVER_URL=${address}`, image);
    await assert.rejects(start, (error: { stderr: string }) => error.stderr.includes(sentence));
  }
});

void test("Prometheus reads every server and the gateway, and knows the dashboard's words", async () => {
  await until("Prometheus is up", () =>
    fetch(`${PROMETHEUS}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  const up = async (job: string) => (await query(`up{job="${job}"} == 1`)).length;
  const count = (await servers()).length;
  await sees(() => up("maru"), count);
  await sees(() => up("gateway"), 1);
  assert.equal((await query("maru_connections")).length, count);

  const { panels } = JSON.parse(
    await readFile("../config/grafana/dashboards/maru.json", "utf8"),
  ) as { panels: { title: string; targets?: { expr: string }[] }[] };
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 0);
  for (const expression of expressions) {
    await query(expression.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*"));
  }
  const rules = await fetch(`${PROMETHEUS}/api/v1/rules`);
  const { data } = (await rules.json()) as {
    data: { groups: { rules: { name: string; health: string }[] }[] };
  };
  const broken = data.groups.flatMap((group) =>
    group.rules.filter(({ health }) => health === "err"),
  );
  assert.deepEqual(broken, []);
});
