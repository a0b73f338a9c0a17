"""Keys on their way from phone to phone, whatever way each of them uses."""

from __future__ import annotations

import pytest

from softswitch.phone.call import PhoneCall
from tests.calls.test_bridging import LONG, talk, two_phones
from tests.support.server import DOMAIN
from tests.support.serving import Serve
from tests.support.switch import extension


async def finish(a: PhoneCall, b: PhoneCall) -> None:
    a.hangup()
    await b.expect_end()


@pytest.mark.parametrize(
    ("ours", "theirs"), [("info", "rfc2833"), ("rfc2833", "info"), ("info", "info")]
)
async def test_digits_are_translated_between_legs(serve: Serve, ours: str, theirs: str) -> None:
    plan = extension(
        "(10..)",
        f"set dtmf_type={ours}",
        f"bridge {{dtmf_type={theirs}}}user/$1@{DOMAIN}",
    )
    server = await serve(plan)
    a, b = await talk(*await two_phones(server))
    await a.play(LONG.format(440))
    await b.play(LONG.format(880))
    await b.expect_media()
    method = {"rfc2833": "rfc4733"}
    a.send_digits("159", duration_ms=80, method=method.get(ours, ours))
    assert await b.expect_digits(3) == "159"
    b.send_digits("*0#", duration_ms=80, method=method.get(theirs, theirs))
    assert await a.expect_digits(3) == "*0#"
    await finish(a, b)


async def test_tones_in_the_voice_become_digits(serve: Serve) -> None:
    plan = extension("(10..)", "answer", "start_dtmf", f"bridge user/$1@{DOMAIN}")
    server = await serve(plan)
    a, b = await talk(*await two_phones(server))
    await a.play(LONG.format(440))
    await b.play(LONG.format(880))
    await b.expect_media()
    a.send_digits("159#", duration_ms=100, method="inband")
    assert await b.expect_digits(4) == "159#"
    await finish(a, b)


@pytest.mark.parametrize("wish", ["bridge_filter_dtmf=true", "drop_dtmf=true"])
async def test_digits_are_kept_from_the_partner(serve: Serve, wish: str) -> None:
    server = await serve(extension("(10..)", f"set {wish}", f"bridge user/$1@{DOMAIN}"))
    a, b = await talk(*await two_phones(server))
    await a.play(LONG.format(440))
    await b.play(LONG.format(880))
    await b.expect_media()
    await a.expect_media()
    a.send_digits("1", duration_ms=80)
    b.send_digits("2", duration_ms=80)
    assert await a.expect_digits(1) == "2", "the other direction is free"
    server.sessions[0].set(wish.partition("=")[0], "")
    b.send_digits("3", duration_ms=80)
    assert await a.expect_digits(1) == "3"
    assert b.digits == ""
    await finish(a, b)
