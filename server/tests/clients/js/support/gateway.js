// What operators put in front of servers: HAProxy and nginx, each with the file of config/.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { ROOT, start } from "./server.js";
import { until } from "./until.js";

const file = (name) => readFileSync(join(ROOT, "config", name), "utf8");

/** Replaces what must be there. */
function replaced(text, what, by) {
  if (!text.includes(what)) throw new Error(`config has no ${what} any more`);
  return text.replaceAll(what, by);
}

/** A file's sections whose first lines are not these. */
function without(text, ...sections) {
  const kept = text
    .split(/\n(?=[a-z])/)
    .filter((one) => !sections.some((it) => one.startsWith(it)));
  return `${kept.join("\n").trimEnd()}\n`;
}

/** HAProxy's file, but for the names of servers, which have no DNS here, and its ports. */
function haproxy(address, [...servers]) {
  const listed = servers.map((server, at) => `server node-${at + 1} ${server}`).join("\n    ");
  let text = without(file("haproxy.cfg"), "resolvers ", "frontend metrics");
  text = replaced(text, "bind :8080", `bind ${address}`);
  return text.replace(/^ *server-template .*$/m, `    ${listed}`);
}

/** nginx's file, within as much as it needs around it. */
function nginx(address, [one, other = one], folder) {
  let text = replaced(file("nginx.conf"), "listen 8080;", `listen ${address};`);
  text = replaced(text, "10.0.0.1:8080", one);
  text = replaced(text, "10.0.0.2:8080", other);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const paths = temporary.map((of) => `${of}_temp_path ${folder}/${of};`).join("\n");
  // One process: whatever ends it leaves no other behind.
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events { worker_connections 1024; }
http {
access_log off;
${paths}
${text}
}`;
}

function program(name) {
  const folders = [...process.env.PATH.split(delimiter), "/usr/sbin"];
  const named = process.env[`MARU_TEST_${name.toUpperCase()}`];
  const found = named ?? folders.map((at) => join(at, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no ${name}: scripts/ensure-${name}`);
  return found;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const answers = (port) =>
  new Promise((told) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), told(true)));
    socket.once("error", () => told(false));
  });

/** One of them, in front of these servers. `http`: what clients connect to. */
class Gateway {
  http;
  #child;
  #folder;

  static async start(name, arguments_, settings, servers) {
    const gateway = new Gateway();
    const folder = mkdtempSync(join(tmpdir(), `maru-${name}-`));
    gateway.#folder = folder;
    const addresses = servers.map(({ http }) => new URL(http).host);
    for (;;) {
      const port = await freePort();
      const path = join(folder, "config");
      writeFileSync(path, settings(`127.0.0.1:${port}`, addresses, folder));
      const child = start(program(name), arguments_(path), { stdio: ["ignore", "pipe", "pipe"] });
      let says = "";
      for (const out of [child.stdout, child.stderr]) out.on("data", (text) => (says += text));
      await until(
        `${name} answers`,
        async () => child.exitCode !== null || (await answers(port)),
        () => says,
      );
      if (child.exitCode === null) {
        gateway.#child = child;
        gateway.http = `http://127.0.0.1:${port}`;
        return gateway;
      }
      // Somebody took the port meanwhile: another one.
      if (!/in use/.test(says)) throw new Error(`${name} does not start: ${says}`);
    }
  }

  async end() {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const GATEWAYS = [
  {
    name: "HAProxy",
    start: (servers) => Gateway.start("haproxy", (path) => ["-db", "-f", path], haproxy, servers),
  },
  {
    name: "nginx",
    start: (servers) =>
      Gateway.start("nginx", (path) => ["-e", "stderr", "-c", path], nginx, servers),
  },
];
