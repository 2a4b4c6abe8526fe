"""What both drivers share: commands and news as JSON lines, and where a client is in its rooms."""

import base64
import json
import sys
import threading

TRANSPORTS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}
# Handlers of the plain client run in threads.
LOCK = threading.Lock()


def tell(**what):
    with LOCK:
        print(json.dumps(what), flush=True)


def revive(value):
    """`{"$bytes": base64}` are bytes."""
    if isinstance(value, list):
        return [revive(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return {key: revive(inner) for key, inner in value.items()}


def commands():
    return map(json.loads, sys.stdin)


class Place:
    """Who the client is and where it is in its rooms, for the auth payload of its next connection."""

    def __init__(self, auth):
        self._auth = auth
        self._back = {}
        self._newest = {}

    def auth(self):
        return {**self._auth, **self._back}

    def note(self, name, args):
        if not self._auth.get("recover"):
            return
        if name == "welcome":
            self._back.setdefault("pid", args[0]["token"])
        elif name == "position":
            self._back["offset"] = args[0]
        elif name == "entry" and len(args) == 2:
            with LOCK:
                # Threads overtake one another: an older offset must not replace a newer one.
                entry, offset = args
                if entry["seq"] > self._newest.get(entry["room"], 0):
                    self._newest[entry["room"]] = entry["seq"]
                    self._back["offset"] = offset
