#!/bin/sh
# Guess: One would expect the parser of AsyncAPI to find an example that its own message's schema refuses, in
#   version 3 as in version 2, where it is an error.
# With: @asyncapi/parser 3.6.6
# Seen: The same message with the same wrong example is an error in a document of 2.6.0, and goes through in one
#   of 3.0.0 or 3.1.0 without a word about it.
# Matters: Who moves the description of a chat to version 3 loses the check that kept its examples true, and
#   notices nothing. Validate the examples by a JSON Schema validator in one's own tests.
. "$(dirname "$0")/lib/finding.sh"
npm_packages @asyncapi/parser@3.6.6

cat >main.mjs <<'JS'
import { Parser } from "@asyncapi/parser";

const info = { title: "Chat", version: "1.0.0" };
const message = {
  payload: { type: "object", required: ["seq"], properties: { seq: { type: "integer" } } },
  examples: [{ payload: { seq: "one" } }],
};
const third = (asyncapi) => ({
  asyncapi,
  info,
  channels: { room: { address: "room", messages: { message } } },
  operations: { send: { action: "send", channel: { $ref: "#/channels/room" } } },
});
const documents = [
  { asyncapi: "2.6.0", info, channels: { room: { publish: { message } } } },
  third("3.0.0"),
  third("3.1.0"),
];
for (const document of documents) {
  const { diagnostics } = await new Parser().parse(document);
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  console.log(`${document.asyncapi}: ${errors.map(({ message }) => message).join("; ") || "no error"}`);
}
JS

same_as_seen node main.mjs <<'SEEN'
2.6.0: "seq" property type must be integer
3.0.0: no error
3.1.0: no error
SEEN
