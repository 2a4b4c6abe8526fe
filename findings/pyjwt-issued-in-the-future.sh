#!/bin/sh
# Guess: One would expect a token's `iat` to tell when it was issued and no more: if there is no `nbf`, a token
#   of a provider whose clock is some seconds ahead is good.
# With: PyJWT 2.15.1 (Python), jose 6.2.18 and jsonwebtoken 9.0.3 (npm)
# Seen: PyJWT refuses it as "not yet valid (iat)" until its own clock is there. Both libraries of npm take it.
# Matters: People who log in and are redirected at once are refused by a service in Python and let in by one in
#   JavaScript beside it, for as long as the clocks differ, and a second try a moment later works. Give PyJWT
#   a `leeway`; who issues tokens may set `iat` a little back.
. "$(dirname "$0")/lib/finding.sh"
npm_packages jose@6.2.18 jsonwebtoken@9.0.3
pip_packages PyJWT==2.15.1

cat >main.py <<'PY'
import sys

import jwt

for name, token in zip(("2 seconds ago", "30 seconds ahead"), sys.argv[2:]):
    for leeway in (0, 60):
        try:
            fate = f"good, {jwt.decode(token, sys.argv[1], algorithms=['HS256'], leeway=leeway)['sub']}"
        except jwt.InvalidTokenError as error:
            fate = f"refused, {error}"
        print(f"PyJWT, {name}, leeway {leeway}: {fate}")
PY
cat >main.mjs <<'JS'
import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { jwtVerify, SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";

const secret = randomBytes(32).toString("hex");
const key = new TextEncoder().encode(secret);
const now = Math.floor(Date.now() / 1000);
const issued = (iat) =>
  new SignJWT({ sub: "alice", iat, exp: now + 300 }).setProtectedHeader({ alg: "HS256" }).sign(key);
const tokens = { "2 seconds ago": await issued(now - 2), "30 seconds ahead": await issued(now + 30) };
for (const [name, token] of Object.entries(tokens)) {
  console.log(`jose, ${name}: good, ${(await jwtVerify(token, key)).payload.sub}`);
  console.log(`jsonwebtoken, ${name}: good, ${jsonwebtoken.verify(token, secret).sub}`);
}
const python = spawnSync(process.argv[2], ["main.py", secret, ...Object.values(tokens)], { timeout: 20_000 });
process.stdout.write(python.stdout);
process.stderr.write(python.stderr);
JS

same_as_seen node main.mjs "$python" <<'SEEN'
jose, 2 seconds ago: good, alice
jsonwebtoken, 2 seconds ago: good, alice
jose, 30 seconds ahead: good, alice
jsonwebtoken, 30 seconds ahead: good, alice
PyJWT, 2 seconds ago, leeway 0: good, alice
PyJWT, 2 seconds ago, leeway 60: good, alice
PyJWT, 30 seconds ahead, leeway 0: refused, The token is not yet valid (iat)
PyJWT, 30 seconds ahead, leeway 60: good, alice
SEEN
