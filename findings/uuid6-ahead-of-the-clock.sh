#!/bin/sh
# Guess: One would expect the time in a UUIDv7 to be the time at which it was made; within one millisecond a
#   counter or chance orders the ids.
# With: uuid6 2025.0.1 (Python), uuid 14.0.3 (npm)
# Seen: `uuid6.uuid7()` orders them by the time itself: each id is one millisecond later than the one before. A
#   burst of 20,000 ids ends about 20 seconds ahead of the clock, and what is made next by this process is no
#   nearer. `uuid` of npm keeps to the clock and orders by a counter.
# Matters: A bridge that imports or fans out messages with such ids puts them after all that people say in the
#   next seconds, and "everything since now" by id finds messages of the future. Two processes order by who
#   was busier. Where the order of ids is the order of a room, let one place make them, or check their time.
. "$(dirname "$0")/lib/finding.sh"
npm_packages uuid@14.0.3
pip_packages uuid6==2025.0.1

cat >main.py <<'PY'
import time

import uuid6


def ahead(made):
    """Milliseconds that an id's time (its first 48 bits) is ahead of the clock."""
    return (made.int >> 80) - time.time() * 1000


first = ahead(uuid6.uuid7())
start = time.monotonic()
ids = [uuid6.uuid7() for _ in range(20_000)]
took = (time.monotonic() - start) * 1000
last = ahead(ids[-1])
time.sleep(0.5)
later = ahead(uuid6.uuid7())
print(f"uuid6: in order: {ids == sorted(ids)}, each its own millisecond: {len({i.int >> 80 for i in ids}) == len(ids)}")
print(f"uuid6: ahead of the clock: one id: {first >= 1000}")
print(f"uuid6: ahead by what the burst did not take: {abs(last - (20_000 - took)) < 1000}")
print(f"uuid6: half a second later: {abs(later - (last - 500)) < 500}")
PY
cat >main.mjs <<'JS'
import { v7 } from "uuid";

const time = (id) => parseInt(id.replaceAll("-", "").slice(0, 12), 16);
const ids = Array.from({ length: 20_000 }, () => v7());
const ahead = time(ids.at(-1)) - Date.now();
console.log(`uuid of npm: in order: ${ids.every((id, at) => at === 0 || ids[at - 1] < id)}, ahead: ${ahead > 1}`);
JS
cat >both.sh <<'SH'
"$1" main.py && node main.mjs
SH

same_as_seen sh both.sh "$python" <<'SEEN'
uuid6: in order: True, each its own millisecond: True
uuid6: ahead of the clock: one id: False
uuid6: ahead by what the burst did not take: True
uuid6: half a second later: True
uuid of npm: in order: true, ahead: false
SEEN
