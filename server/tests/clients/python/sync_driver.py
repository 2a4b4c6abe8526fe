"""The driver of python-socketio's Client: what ../js/clients.test.js steers."""

import os

import socketio

from lines import TRANSPORTS, Place, commands, revive, tell

client = socketio.Client(
    reconnection_delay=0.1,
    reconnection_delay_max=1,
    randomization_factor=0.05,
)


def connect(url, transport, auth):
    place = Place(auth)

    @client.event
    def connect():
        tell(**{"is": "connected"})
        if transport == "upgrade" and client.transport() == "websocket":
            tell(**{"is": "upgraded"})

    @client.event
    def connect_error(data):
        tell(**{"is": "refused", "data": data})

    @client.event
    def disconnect(reason):
        tell(**{"is": "disconnected", "why": reason})

    @client.on("*")
    def any_event(name, *args):
        place.note(name, args)
        tell(**{"is": "event", "name": name, "args": args})

    # A callable is asked anew at each connection.
    try:
        client.connect(url, auth=place.auth, transports=TRANSPORTS[transport])
    except socketio.exceptions.ConnectionError as error:
        tell(**{"is": "refused", "message": str(error)})


def emit(emits, disconnect=False):
    for one in emits:
        ack = one.get("ack")
        answered = None
        if ack is not None:
            # Bound now: the loop goes on.
            def answered(*args, ack=ack):
                tell(**{"is": "ack", "ack": ack, "args": args})

        try:
            client.emit(one["name"], tuple(revive(one["args"])), callback=answered)
        except socketio.exceptions.BadNamespaceError:
            # The connection is gone: there is no answer.
            return
    if disconnect:
        client.disconnect()


for command in commands():
    {"connect": connect, "emit": emit}[command.pop("do")](**command)
os._exit(0)
