#!/bin/sh
# Guess: One would expect handlers to run in the order of the events of one connection, as transport and protocol
#   keep it: the second message of a member is handled when the first one's handler is done, or at least a plain
#   function is called for one after the other.
# With: python-socketio 5.18.1, aiohttp 3.14.5, requests 2.32.5, websocket-client 1.9.0
# Seen: Every event gets a task (asyncio) or a thread (the plain Client) of its own, on the server and on both
#   clients. A first handler that waits, for a database say, is overtaken by all that come after it.
#   `async_handlers=False` on the server puts them in order; the clients have no such option.
# Matters: Two messages of one member change places in the history, an edit is handled before its message, and a
#   bot answers in another order than it was asked. No test with quick handlers shows it. Put the events of a
#   connection into a queue of one's own.
. "$(dirname "$0")/lib/finding.sh"
pip_packages python-socketio==5.18.1 aiohttp==3.14.5 requests==2.32.5 websocket-client==1.9.0

cat >main.py <<'PY'
import asyncio
import os
import time

import socketio
from aiohttp import web

MESSAGES = ("one", "two", "three")


def wait(text):
    return 0.5 if text == "one" else 0


async def serve(**options):
    server = socketio.AsyncServer(async_mode="aiohttp", **options)
    handled = []

    async def ask(sid):
        for text in MESSAGES:
            await server.emit("message", text, to=sid)

    async def message(sid, text):
        await asyncio.sleep(wait(text))
        handled.append(text)

    server.on("ask", ask)
    server.on("message", message)
    application = web.Application()
    server.attach(application)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}", handled


async def to_server(**options):
    url, handled = await serve(**options)
    client = socketio.AsyncClient()
    await client.connect(url, transports=["websocket"])
    for text in MESSAGES:
        await client.emit("message", text)
    await asyncio.sleep(1)
    return handled


async def to_async_client():
    url, _ = await serve()
    client, handled = socketio.AsyncClient(), []

    async def message(text):
        await asyncio.sleep(wait(text))
        handled.append(text)

    client.on("message", message)
    await client.connect(url, transports=["websocket"])
    await client.emit("ask")
    await asyncio.sleep(1)
    return handled


async def to_client():
    url, _ = await serve()
    client, handled = socketio.Client(), []

    def message(text):
        time.sleep(wait(text))
        handled.append(text)

    def run():
        client.on("message", message)
        client.connect(url, transports=["websocket"])
        client.emit("ask")
        time.sleep(1)

    await asyncio.to_thread(run)
    return handled


def last(handled):
    """Only this is certain: among those that don't wait, chance decides."""
    return f"{len(handled)} handled, the first message is number {handled.index('one') + 1}"


async def main():
    print("AsyncServer:", last(await to_server()))
    print("AsyncServer, async_handlers=False:", last(await to_server(async_handlers=False)))
    print("AsyncClient:", last(await to_async_client()))
    print("Client:", last(await to_client()), flush=True)
    os._exit(0)


asyncio.run(main())
PY

same_as_seen "$python" main.py <<'SEEN'
AsyncServer: 3 handled, the first message is number 3
AsyncServer, async_handlers=False: 3 handled, the first message is number 1
AsyncClient: 3 handled, the first message is number 3
Client: 3 handled, the first message is number 3
SEEN
