#!/bin/sh
# Guess: One would expect an INSERT that was given up by a timeout (`asyncio.wait_for`, or a request that was
#   cancelled) to leave nothing behind, or at least nothing that the next user's commit makes lasting.
# With: aiosqlite 0.22.1 (Python), the SQLite of Python
# Seen: Giving up ends the waiting alone. The statement goes on in its thread. It leaves the transaction open,
#   and the next `commit()` for another message commits this one too. An INSERT that waits for another
#   writer's lock is given up, and then is written when the lock is free.
# Matters: The member was told "not sent", sends again, and the room shows the message twice. After a timeout
#   look whether the message is there (by the sender's own id for it), or roll back before the connection is
#   used again.
. "$(dirname "$0")/lib/finding.sh"
pip_packages aiosqlite==0.22.1

cat >main.py <<'PY'
import asyncio
import sqlite3

import aiosqlite

SLOW = """
    INSERT INTO messages SELECT 'first, given up' FROM (
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000000)
      SELECT count(*) FROM numbers)
"""


async def give_up(statement):
    try:
        await asyncio.wait_for(statement, 0.05)
        print("in time")
    except asyncio.TimeoutError:
        print("given up")


async def texts(connection):
    async with connection.execute("SELECT text FROM messages") as rows:
        return [text async for (text,) in rows]


async def main():
    async with aiosqlite.connect("slow.db") as connection:
        await connection.execute("CREATE TABLE messages (text)")
        await connection.commit()
        await give_up(connection.execute(SLOW))
        await connection.execute("INSERT INTO messages VALUES ('second')")
        await connection.commit()
        print("slow:", await texts(connection))

    other = sqlite3.connect("locked.db", isolation_level=None)
    other.execute("CREATE TABLE messages (text)")
    async with aiosqlite.connect("locked.db", isolation_level=None) as connection:
        other.execute("BEGIN IMMEDIATE")
        await give_up(connection.execute("INSERT INTO messages VALUES ('given up')"))
        other.execute("COMMIT")
        await asyncio.sleep(1)
        print("locked:", await texts(connection))
    other.close()


asyncio.run(main())
PY

same_as_seen "$python" main.py <<'SEEN'
given up
slow: ['first, given up', 'second']
given up
locked: ['given up']
SEEN
