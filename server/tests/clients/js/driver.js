// The driver of socket.io-client: what support/driver.js calls a driver, for the stock client of Node.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { client } from "./client.js";

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const take = client(io, tell, (base64) => Buffer.from(base64, "base64"));

createInterface(process.stdin)
  .on("line", (line) => take(JSON.parse(line)))
  .on("close", () => process.exit(0));
