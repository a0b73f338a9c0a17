"""Keys of SRTP that are worn: others are agreed on while two phones talk."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.calls.test_bridging import ALICE_SAYS, BOB_SAYS, hear_each_other, talk, two_phones
from tests.support.server import DOMAIN, until
from tests.support.serving import Serve
from tests.support.switch import extension


@pytest.mark.parametrize("named", ["true", "false"])
async def test_phones_hear_each_other_through_every_change(
    serve: Serve, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "softswitch.call")
    server = await serve(
        extension(
            "(10..)",
            "export nolocal:rtp_secure_media=true",
            "export nolocal:rtp_secure_media_lifetime=64",
            f"export nolocal:rtp_secure_media_mki={named}",
            f"bridge user/$1@{DOMAIN}",
        )
    )
    a, b = await talk(*await two_phones(server))
    called = next(session for session in server.sessions if session.channel.outbound)
    assert called.get("rtp_secure_media_negotiated") == "AEAD_AES_256_GCM"
    assert ("|1:1" in (called.get("rtp_local_sdp_str") or "")) is (named == "true")
    await hear_each_other(a, b)
    await until(lambda: caplog.text.count("the keys of SRTP are renewed") >= 3, "new keys")
    await asyncio.gather(a.hear(BOB_SAYS), b.hear(ALICE_SAYS))
    figures = called.leg.media.stats() if called.leg.media is not None else {}
    assert (figures["unprotected"], figures["replayed"]) == (0, 0)
    a.hangup()
    assert await b.expect_end() == 200
