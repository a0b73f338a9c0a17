"""Video between two far ends, through the real engine: every byte and every complaint arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.server import Server
from tests.support.serving import Serve
from tests.support.sip_socket import SipSocket
from tests.support.talk import CALL, Talk
from tests.support.video import VideoPort, fir, nack, pli

PROFILE = {"codec-prefs": "PCMU,H264,VP8"}
SOUND = (
    "v=0\r\no=- 1 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0\r\n"
)
FMTP = "profile-level-id=42e01f;packetization-mode=1"


class Pictures(Talk):
    """Alice and Bob, each with a port for video."""

    def __init__(self, server: Server, alice: SipSocket, bob: SipSocket) -> None:
        super().__init__(server, alice, bob)
        # Each side has a number of its own for the same codec.
        self.a, self.b = VideoPort(97, 0x0A0A0A0A), VideoPort(121, 0x0B0B0B0B)

    def close(self) -> None:
        self.a.close()
        self.b.close()

    def alices(self, *, video: bool = True, version: int = 1) -> str:
        return self._description(self.a, video, version)

    def bobs(self, *, video: bool = True, version: int = 1) -> str:
        return self._description(self.b, video, version)

    @staticmethod
    def _description(port: VideoPort, video: bool, version: int) -> str:
        number = port.payload_type
        return SOUND.format(version) + (
            f"m=video {port.port if video else 0} RTP/AVP {number}\r\n"
            f"a=rtpmap:{number} H264/90000\r\na=fmtp:{number} {FMTP}\r\n"
            f"a=rtcp-fb:{number} nack pli\r\n"
        )


Talking = Callable[[], Awaitable[Pictures]]


@pytest.fixture
async def talking(serve: Serve) -> AsyncIterator[Talking]:
    """Far ends whose call has still to begin."""
    talks: list[Pictures] = []

    async def make() -> Pictures:
        server = await serve(CALL, profile=PROFILE)
        talks.append(Pictures(server, await server.socket(), await server.socket()))
        return talks[-1]

    yield make
    for talk in talks:
        talk.close()


async def sees(sender: VideoPort, viewer: VideoPort, pictures: int) -> None:
    """Every packet of the pictures arrives as it was, under the viewer's own number."""
    for _ in range(pictures):
        packets = sender.picture(8)
        for packet in packets:
            sender.send(packet)
        for packet in packets:
            marker = packet[1] & 0x80
            expected = bytes([packet[0], marker | viewer.payload_type]) + packet[2:]
            assert await viewer.packet() == expected


async def test_pictures_and_feedback_pass_both_ways(talking: Talking) -> None:
    talk = await talking()
    await talk.begin(talk.alices(), talk.bobs())
    a, b = talk.a, talk.b
    b.sends_to(talk.asked.body)
    a.sends_to(talk.said.body)
    await sees(a, b, 20)
    await sees(b, a, 20)
    for one, other in ((a, b), (b, a)):
        for complaint in (
            pli(one.ssrc, other.ssrc),
            fir(one.ssrc, other.ssrc),
            nack(one.ssrc, other.ssrc, 7),
        ):
            one.report(complaint)
            assert await other.feedback() == complaint
    answer = await talk.server.api(f"uuid_video_refresh {talk.server.sessions[0].uuid}")
    assert answer == "+OK Success\n"
    asked = await a.feedback()
    assert asked[8:12] == b"\x81\xce\x00\x02" and asked[16:] == a.ssrc.to_bytes(4)
    figures = await talk.server.api(f"uuid_getvar {talk.server.sessions[0].uuid} rtp_use_video_pt")
    assert figures == "97"
    await talk.end()


async def test_a_call_without_video_gets_it_by_an_offer_and_loses_it_again(
    talking: Talking,
) -> None:
    talk = await talking()
    await talk.begin(talk.alices(video=False), talk.bobs(video=False))
    for version, video in ((2, True), (3, False), (4, True)):
        said, asked = await talk.reoffer(
            talk.alices(video=video, version=version), talk.bobs(video=video, version=version)
        )
        lines = [line for line in said.body.decode().splitlines() if line.startswith("m=video")]
        assert lines[0].startswith("m=video 0 ") is not video
        if video:
            talk.a.sends_to(said.body)
            talk.b.sends_to(asked.body)
            await sees(talk.a, talk.b, 3)
            await sees(talk.b, talk.a, 3)
    await talk.end()
