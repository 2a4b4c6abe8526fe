"""The driver of python-socketio's AsyncClient: what ../js/clients.test.js steers."""

import asyncio
import json
import os
import sys

import socketio

from lines import TRANSPORTS, Place, revive, tell

client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=1, randomization_factor=0.05)


async def connect(url, transport, auth):
    place = Place(auth)

    @client.event
    async def connect():
        tell(**{"is": "connected"})
        if transport == "upgrade" and client.transport() == "websocket":
            tell(**{"is": "upgraded"})

    @client.event
    async def connect_error(data):
        tell(**{"is": "refused", "data": data})

    @client.event
    async def disconnect(reason):
        tell(**{"is": "disconnected", "why": reason})

    @client.on("*")
    async def any_event(name, *args):
        place.note(name, args)
        tell(**{"is": "event", "name": name, "args": args})

    # A callable is asked anew at each connection.
    try:
        await client.connect(url, auth=place.auth, transports=TRANSPORTS[transport])
    except socketio.exceptions.ConnectionError as error:
        tell(**{"is": "refused", "message": str(error)})


async def emit(emits, disconnect=False):
    for one in emits:
        ack = one.get("ack")
        answered = None
        if ack is not None:
            # Bound now: the loop goes on.
            def answered(*args, ack=ack):
                tell(**{"is": "ack", "ack": ack, "args": args})

        try:
            await client.emit(one["name"], tuple(revive(one["args"])), callback=answered)
        except socketio.exceptions.BadNamespaceError:
            # The connection is gone: there is no answer.
            return
    if disconnect:
        await client.disconnect()


async def main():
    # Commands come from a thread: the loop goes on while there are none.
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        await {"connect": connect, "emit": emit}[command.pop("do")](**command)
    os._exit(0)


asyncio.run(main())
