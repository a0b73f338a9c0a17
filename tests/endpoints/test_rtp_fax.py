"""What a leg says and takes of fax; whole exchanges are in tests/endpoints/sip/test_fax.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.rtp import RtpMedia
from softswitch.endpoints.rtp_fax import fax_line, offers_fax
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.sdp.description import SessionDescription
from tests.endpoints.test_rtp import fake, media
from tests.support.sip_bench import sdp

pytestmark = pytest.mark.virtual_time

HEAD = "v=0\r\no=far 1 2 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
FAX = "m=image 4010 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=sendrecv\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + FAX, True),
        (HEAD + "m=audio 0 RTP/AVP 0\r\n" + FAX.replace("udptl", "UDPTL"), True),
        (HEAD + "m=audio 4000 RTP/AVP 0\r\n" + FAX, False),
        (HEAD + FAX.replace("4010", "0"), False),
        (HEAD + FAX.replace("udptl", "tcp"), False),
        (sdp(4000, "0 101"), False),
    ],
)
def test_an_offer_of_fax_has_no_sound(text: str, expected: bool) -> None:
    assert offers_fax(text) is expected
    if expected:
        line = fax_line(SessionDescription.parse(text))
        assert line is not None and line.port == 4010


@pytest.mark.parametrize(
    ("variable", "profile", "passes"),
    [
        (None, False, False),
        (None, True, True),
        ("true", False, True),
        ("once", False, True),
        ("false", True, False),
    ],
)
async def test_the_call_decides_before_its_profile(
    tmp_path: Path, variable: str | None, profile: bool, passes: bool
) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU",), t38_passthru=profile)
    variables = {"t38_passthru": variable} if variable else {}
    async with media(tmp_path, settings, **variables) as (rtp, _):
        assert rtp.passes_fax is passes


async def answered(rtp: RtpMedia) -> None:
    assert rtp._session is not None
    rtp.take_offer(sdp(4000, "0 101"))
    rtp.make_answer(rtp._session)


async def test_a_fax_is_offered_on_the_port_of_audio(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, _):
        await answered(rtp)
        before = rtp.offer
        text = rtp.offer_fax(SessionDescription.parse(HEAD + FAX))
        port = fake(rtp).local_address[1]
        assert text.splitlines()[5:] == [
            "m=audio 0 RTP/AVP 0 101",
            f"m=image {port} udptl t38",
            "a=T38FaxVersion:0",
            "a=T38MaxBitRate:14400",
        ]
        rtp.withdraw_fax()
        assert rtp.offer == before and not rtp.faxing


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (HEAD + "m=audio 0 RTP/AVP 0\r\n" + FAX, True),
        (HEAD + FAX.replace("4010", "0"), False),
        ("nonsense", False),
        (HEAD.replace("192.0.2.10", "239.0.0.1") + FAX, False),
        (HEAD.replace("IP4 192.0.2.10", "IP6 2001:db8::1") + FAX, False),
    ],
)
async def test_an_answered_fax_passes_unread(tmp_path: Path, answer: str, taken: bool) -> None:
    async with media(tmp_path) as (rtp, _):
        await answered(rtp)
        rtp.offer_fax(SessionDescription.parse(HEAD + FAX))
        assert rtp.take_fax(answer) is rtp.faxing is taken
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.transparent is taken
        if taken:
            assert parameters.remote_address == ("192.0.2.10", 4010)
            rtp.answer_reoffer(sdp(4000, "0 101"))
            parameters = fake(rtp).parameters
            assert not rtp.faxing and parameters is not None and not parameters.transparent


async def test_an_answer_names_the_lines_of_the_offer(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, _):
        await answered(rtp)
        offered = HEAD + FAX.replace("4010", "4020") + "m=audio 0 RTP/AVP 0\r\n"
        theirs = HEAD + FAX.replace("14400", "9600")
        text = rtp.answer_fax(offered, SessionDescription.parse(theirs))
        lines = SessionDescription.parse(text).media
        assert [(line.kind, line.port) for line in lines] == [
            ("image", fake(rtp).local_address[1]),
            ("audio", 0),
        ]
        assert lines[0].attribute("T38MaxBitRate") == "9600"
        parameters = fake(rtp).parameters
        assert rtp.faxing and parameters is not None
        assert parameters.remote_address == ("192.0.2.10", 4020)
