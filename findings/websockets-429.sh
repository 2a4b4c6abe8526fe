#!/bin/sh
# Guess: One would expect the loop `async for connection in connect(url)` of Python's websockets, whose purpose
#   is to come back, to treat a handshake that is answered 429 as one that is answered 503: wait (as long as
#   `Retry-After` says) and try again.
# With: websockets 17.4 (Python)
# Seen: 500, 502, 503 and 504 are tried again; 429 ends the loop with InvalidStatus at once. `Retry-After` is
#   read for none of them: after a 503 that asks for 60 seconds the second try comes within 10.
# Matters: A server that holds back the rush after a restart with 429 loses every bot for good, and one that uses
#   503 isn't given the time that it asked for. Give `process_exception` a function of your own, and answer
#   503 where such clients are to come back.
. "$(dirname "$0")/lib/finding.sh"
pip_packages websockets==17.4

cat >main.py <<'PY'
import asyncio
import logging

import websockets
from websockets.asyncio.server import serve

logging.disable()


async def refuse_first(status):
    """Refuses the first handshake, and tells what the client makes of it within ten seconds."""
    tries = 0

    def process_request(connection, request):
        nonlocal tries
        tries += 1
        if tries == 1:
            response = connection.respond(status, "later\n")
            response.headers["Retry-After"] = "60"
            return response

    async def handler(connection):
        await connection.wait_closed()

    async def come_back(url):
        async for connection in websockets.connect(url):
            await connection.close()
            return "open"

    async with serve(handler, "127.0.0.1", 0, process_request=process_request) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            fate = await asyncio.wait_for(come_back(f"ws://127.0.0.1:{port}"), 10)
        except Exception as error:
            fate = type(error).__name__
        return f"{status}: {fate}, tries: {tries}"


async def main():
    for line in await asyncio.gather(*map(refuse_first, (429, 500, 502, 503, 504))):
        print(line)


asyncio.run(main())
PY

same_as_seen "$python" main.py <<'SEEN'
429: InvalidStatus, tries: 1
500: open, tries: 2
502: open, tries: 2
503: open, tries: 2
504: open, tries: 2
SEEN
