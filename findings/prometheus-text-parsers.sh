#!/bin/sh
# Guess: One would expect parsers of Prometheus's text format to hand back what stood there: for each set of
#   labels its own histogram, and each sample under its own name.
# With: parse-prometheus-text-format 1.1.1 (npm), prometheus_client 0.26.0 (Python)
# Seen: The parser of npm keeps no labels for histograms and summaries: the series of all rooms become one, whose
#   buckets are those of the last room, with no sum and count of its own. The parser of Python keeps the labels,
#   but calls the only sample of a counter `messages_sent` `messages_sent_total`, though the text format wants no
#   such ending.
# Matters: A test that reads a server's /metrics passes or fails for the wrong room, and one that looks for the
#   counter by the name on the page finds none. Name counters `..._total`, and read labelled histograms by a
#   parser that knows labels.
. "$(dirname "$0")/lib/finding.sh"
npm_packages parse-prometheus-text-format@1.1.1
pip_packages prometheus_client==0.26.0

cat >metrics.txt <<'TEXT'
# HELP messages_sent Messages that were sent.
# TYPE messages_sent counter
messages_sent{room="a"} 3
messages_sent{room="b"} 4
# HELP send_seconds How long a send takes.
# TYPE send_seconds histogram
send_seconds_bucket{room="a",le="1"} 7
send_seconds_bucket{room="a",le="+Inf"} 8
send_seconds_sum{room="a"} 5
send_seconds_count{room="a"} 8
send_seconds_bucket{room="b",le="1"} 0
send_seconds_bucket{room="b",le="+Inf"} 1
send_seconds_sum{room="b"} 2
send_seconds_count{room="b"} 1
TEXT
cat >main.mjs <<'JS'
import { readFileSync } from "node:fs";
import parse from "parse-prometheus-text-format";

for (const { name, metrics } of parse(readFileSync("metrics.txt", "utf8"))) {
  for (const metric of metrics) console.log(`npm: ${name} ${JSON.stringify(metric)}`);
}
JS
cat >main.py <<'PY'
from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(open("metrics.txt").read()):
    for sample in family.samples:
        print(f"python: {sample.name} {sample.labels} {sample.value:g}")
PY
cat >both.sh <<'SH'
node main.mjs && "$1" main.py
SH

same_as_seen sh both.sh "$python" <<'SEEN'
npm: messages_sent {"value":"3","labels":{"room":"a"}}
npm: messages_sent {"value":"4","labels":{"room":"b"}}
npm: send_seconds {"buckets":{"1":"0","+Inf":"1"}}
python: messages_sent_total {'room': 'a'} 3
python: messages_sent_total {'room': 'b'} 4
python: send_seconds_bucket {'room': 'a', 'le': '1'} 7
python: send_seconds_bucket {'room': 'a', 'le': '+Inf'} 8
python: send_seconds_sum {'room': 'a'} 5
python: send_seconds_count {'room': 'a'} 8
python: send_seconds_bucket {'room': 'b', 'le': '1'} 0
python: send_seconds_bucket {'room': 'b', 'le': '+Inf'} 1
python: send_seconds_sum {'room': 'b'} 2
python: send_seconds_count {'room': 'b'} 1
SEEN
