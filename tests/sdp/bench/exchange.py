"""CPU of the descriptions of bridged calls: ``python -m tests.sdp.bench.exchange [calls]``.

A bridged call is an offer read and answered on one side, and an offer of ours and the answer to it
on the other. Ports, addresses of the session and its id differ in each.
"""

from __future__ import annotations

import gc
import sys
import time

from softswitch.sdp.audio import LocalAudio, LocalCodec
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.negotiation import accept_answer, answer, offer

CODECS = (
    LocalCodec("PCMU", payload_type=0),
    LocalCodec("PCMA", payload_type=8),
    LocalCodec("G722", payload_type=9),
)
PHONE = (
    "v=0\r\no=phone {number} {number} IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP {formats}\r\n{maps}"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)
PCMU, PCMA = "a=rtpmap:0 PCMU/8000\r\n", "a=rtpmap:8 PCMA/8000\r\n"


def call(number: int) -> None:
    """All descriptions of one bridged call."""
    port = 10000 + number * 4 % 40000
    there = PHONE.format(number=number, port=port, formats="0 8 101", maps=PCMU + PCMA)
    back = PHONE.format(number=number, port=port + 2, formats="8 101", maps=PCMA)
    incoming = LocalAudio("192.0.2.9", port, CODECS, number)
    outgoing = LocalAudio("192.0.2.9", port + 2, CODECS, number + 1)
    offered = SessionDescription.parse(there)
    ours = offer(outgoing)
    str(ours)
    accept_answer(ours, SessionDescription.parse(back), outgoing)
    str(answer(offered, incoming).description)


def measure(calls: int) -> float:
    """Milliseconds of CPU in a call."""
    began = time.process_time()
    for number in range(calls):
        call(number)
    return (time.process_time() - began) / calls * 1e3


if __name__ == "__main__":
    gc.freeze()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    measure(100)
    print(f"ms a call in sdp/ {measure(count):8.3f}")
