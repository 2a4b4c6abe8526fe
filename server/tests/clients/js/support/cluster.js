// Two servers that are one chat, on the Postgres and the NATS of scripts/with-services.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Server } from "./server.js";

function needed(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`there is no ${name}: run scripts/test-clients`);
  return value;
}

function sql(statement) {
  const psql = join(needed("MARU_TEST_POSTGRES_BIN"), "psql");
  execFileSync(psql, ["-q", "-c", statement, needed("MARU_TEST_POSTGRES")], { stdio: "inherit" });
}

export class Cluster {
  #database = `clients_${randomUUID().replaceAll("-", "")}`;
  nodes = [];

  static async start(settings) {
    const cluster = new Cluster();
    sql(`CREATE DATABASE ${cluster.#database}`);
    const url = new URL(needed("MARU_TEST_POSTGRES"));
    url.pathname = `/${cluster.#database}`;
    for (const name of ["a", "b"]) {
      const node = await Server.start({
        ...settings,
        MARU_JOURNAL__URL: url.href,
        MARU_JOURNAL__POOL: "3",
        MARU_BUS__URL: needed("MARU_TEST_NATS_URL"),
        MARU_AUTH__SECRET: "a secret that all servers of this test share",
        // By which nginx tells whose session it is.
        MARU_SOCKETIO__NODE: name,
      });
      cluster.nodes.push(node);
    }
    return cluster;
  }

  async end() {
    for (const node of this.nodes) await node.stop();
    sql(`DROP DATABASE ${this.#database} WITH (FORCE)`);
  }
}
