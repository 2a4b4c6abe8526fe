#!/bin/sh
# Guess: One would expect a drain, NATS's way to stop without loss, to be over when the messages that had arrived
#   are handled, in every client: what a handler still answers goes out before the connection closes.
# With: @nats-io/transport-node 3.4.0 (npm), nats-py 2.16.0 (Python), a nats-server (Debian's 2.9.10 was used)
# Seen: The drain of JavaScript waits until the messages are handed over, not until an asynchronous callback or a
#   `for await` loop is done with them: `drain()` is over with 0 of 2 handled. A `respond()` that comes after it
#   raises nothing and goes nowhere, and who asked runs into the timeout. The drain of Python waits for its
#   callbacks, and the answer arrives.
# Matters: A worker that drains and then exits loses the messages that it was just writing to its database, with
#   no error anywhere. Count what is in work, and end the process after that.
. "$(dirname "$0")/lib/finding.sh"
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null || could_not "this needs a nats-server: apt-get install nats-server"
npm_packages @nats-io/transport-node@3.4.0
pip_packages nats-py==2.16.0

cat >main.py <<'PY'
import asyncio
import sys

import nats


async def main():
    connection = await nats.connect(sys.argv[1])
    asker = await nats.connect(sys.argv[1])
    handled = 0

    async def handle(message):
        nonlocal handled
        await asyncio.sleep(0.3)
        if message.reply:
            await message.respond(b"yes")
        handled += 1

    await connection.subscribe("room.py", cb=handle)
    await connection.flush()
    await asker.publish("room.py", b"one")
    question = asyncio.create_task(asker.request("room.py", b"two", timeout=2))
    await asyncio.sleep(0.2)
    await connection.drain()
    print(f"Python, callback: drained with {handled} of 2 handled,", end=" ")
    print("answered" if (await question).data else "")
    await asker.close()


asyncio.run(main())
PY
cat >main.mjs <<'JS'
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";

const server = spawn("nats-server", ["--addr", "127.0.0.1", "--port", "-1"], {
  stdio: ["ignore", "ignore", "pipe"],
});
process.on("exit", () => server.kill());
process.on("SIGTERM", () => process.exit(1));
const servers = await new Promise((ready) => {
  createInterface({ input: server.stderr }).on("line", (line) => {
    const listening = /client connections on (127\.0\.0\.1:\d+)/.exec(line);
    if (listening) ready(`nats://${listening[1]}`);
  });
});

async function drain(name, subject, subscribe) {
  const connection = await connect({ servers });
  const asker = await connect({ servers });
  let handled = 0;
  let raised = "raised nothing";
  const handle = async (message) => {
    await sleep(300);
    try {
      if (message.reply) message.respond("yes");
    } catch (error) {
      raised = error.message;
    }
    handled += 1;
  };
  subscribe(connection, handle);
  await connection.flush();
  asker.publish(subject, "one");
  const question = asker.request(subject, "two", { timeout: 2000 }).then(
    () => "answered",
    (error) => error.message,
  );
  await sleep(200);
  await connection.drain();
  const at_once = handled;
  const answer = await question;
  console.log(`JavaScript, ${name}: drained with ${at_once} of 2 handled, ${answer}; later ${handled}, ${raised}`);
  await asker.close();
}

await drain("callback", "room.a", (connection, handle) =>
  connection.subscribe("room.a", { callback: (_, message) => void handle(message) }),
);
await drain("for await", "room.b", async (connection, handle) => {
  for await (const message of connection.subscribe("room.b")) await handle(message);
});
const python = spawnSync(process.argv[2], ["main.py", servers], { timeout: 20_000 });
process.stdout.write(python.stdout);
process.stderr.write(python.stderr);
process.exit();
JS

same_as_seen node main.mjs "$python" <<'SEEN'
JavaScript, callback: drained with 0 of 2 handled, timeout; later 2, raised nothing
JavaScript, for await: drained with 0 of 2 handled, timeout; later 2, raised nothing
Python, callback: drained with 2 of 2 handled, answered
SEEN
