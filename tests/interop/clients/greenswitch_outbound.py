"""greenswitch: a server that answers a call, plays to it and hangs up. Prints its port first."""

import json
import sys

import gevent
import greenswitch
from gevent.server import StreamServer

done = gevent.event.Event()


class Answerer:
    def __init__(self, session):
        self.session = session

    def run(self):
        told = self.session.connect() or self.session.session_data
        self.session.myevents()
        self.session.linger()
        self.session.answer()
        self.session.call_command("playback", "tone_stream://%(2500,0,1004)", block=True)
        self.session.hangup()
        print(json.dumps({"uuid": self.session.uuid, "mode": told["Socket-Mode"]}), flush=True)
        done.set()


def handle(sock, address):
    Answerer(greenswitch.esl.OutboundSession(address, sock)).run()


server = StreamServer(("127.0.0.1", 0), handle)
server.start()
print(server.server_port, flush=True)
done.wait(30)
sys.exit(0 if done.is_set() else 1)
