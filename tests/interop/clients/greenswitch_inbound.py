"""greenswitch: log in, run commands, follow a call that it makes. Prints what it saw."""

import json
import sys

import gevent
import greenswitch
from gevent.event import Event

port, password, dial = int(sys.argv[1]), sys.argv[2], sys.argv[3]
esl = greenswitch.InboundESL("127.0.0.1", port, password)
esl.connect()
names, jobs, over = [], [], Event()


def follow(event):
    name = event.headers["Event-Name"]
    names.append(name)
    if name == "BACKGROUND_JOB":
        jobs.append(event.headers["Job-UUID"])
    if name == "CHANNEL_DESTROY":
        over.set()


esl.register_handle("*", follow)
listening = esl.send("event plain ALL").data
status = esl.send("api status").data
job = esl.send(f"bgapi originate {dial}").headers["Job-UUID"]
over.wait(20)
with gevent.Timeout(20):
    while job not in jobs:
        gevent.sleep(0.05)
print(json.dumps({"status": status, "listening": listening, "job": job in jobs, "names": names}))
esl.stop()
