#!/bin/sh
# Guess: One would expect a message whose `publish()` returns MQTT_ERR_NO_CONN, and whose handle raises the same
#   when it is asked, not to have been taken: the program may send it again later.
# With: paho-mqtt 2.2.0 (Python); the broker is aedes 1.2.0
# Seen: It depends on the quality of service. With 0 the message is gone, as the code says. With 1 it has been
#   taken all the same and is sent after the reconnection: two tries, both refused by the code, arrive twice.
# Matters: A bridge to a chat that tries again until the code is 0 posts a message once for each try of the
#   outage. For 1 and 2 take MQTT_ERR_NO_CONN for "queued", and carry an id of one's own by which the receiver
#   tells a repetition.
. "$(dirname "$0")/lib/finding.sh"
npm_packages aedes@1.2.0
pip_packages paho-mqtt==2.2.0

cat >broker.mjs <<'JS'
import { createServer } from "node:net";
import { Aedes } from "aedes";

// Prints its port, then what is published; it ends with its standard input.
const broker = await Aedes.createBroker();
broker.on("publish", (packet, client) => {
  if (client) console.log(`${packet.payload}, dup ${packet.dup}`);
});
const server = createServer(broker.handle);
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
JS
cat >main.py <<'PY'
import subprocess
import time

import paho.mqtt.client as mqtt


def start(port=0):
    broker = subprocess.Popen(
        ["node", "broker.mjs", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return broker, int(broker.stdout.readline())


def until(true_now):
    while not true_now():
        time.sleep(0.01)


broker, port = start()
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.reconnect_delay_set(1, 1)
client.connect("127.0.0.1", port)
client.loop_start()
until(client.is_connected)
broker.communicate("")
until(lambda: not client.is_connected())

for qos in (0, 1):
    for attempt in (1, 2):
        made = client.publish("room", f"qos {qos}, try {attempt}", qos=qos)
        try:
            asked = made.is_published()
        except RuntimeError:
            asked = "RuntimeError"
        print(f"publish with qos {qos}: NO_CONN {made.rc == mqtt.MQTT_ERR_NO_CONN}, is_published {asked}")

broker, _ = start(port)
until(client.is_connected)
time.sleep(1)
client.loop_stop()
print("broker got:", *broker.communicate("")[0].splitlines(), sep="\n  ")
PY

same_as_seen "$python" main.py <<'SEEN'
publish with qos 0: NO_CONN True, is_published RuntimeError
publish with qos 0: NO_CONN True, is_published RuntimeError
publish with qos 1: NO_CONN True, is_published RuntimeError
publish with qos 1: NO_CONN True, is_published RuntimeError
broker got:
  qos 1, try 1, dup false
  qos 1, try 2, dup false
SEEN
