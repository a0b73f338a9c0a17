"""Two phones that talk through the switch."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.phone.call import PhoneCall
from softswitch.phone.phone import Phone
from tests.support.audio import heard_tone
from tests.support.far_end import refuse, send_early_media, take_after_early_media
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.switch import extension

ALICE_SAYS, BOB_SAYS = 440, 1336
LONG = "tone_stream://%(20000,0,{})"

LOCAL = extension("(10..)", "set hangup_after_bridge=true", f"bridge user/$1@{DOMAIN}")


async def two_phones(server: Server, **options: str) -> tuple[Phone, Phone]:
    """The phones of 1000, and of 1001 which is registered."""
    return await server.phone("1000"), await server.phone("1001", register=True, **options)


async def talk(alice: Phone, bob: Phone, number: str = "1001") -> tuple[PhoneCall, PhoneCall]:
    """Alice calls, Bob answers."""
    a = alice.call(number)
    b = await bob.expect_call()
    await a.expect_ringing()
    b.answer()
    await a.expect_answer()
    return a, b


async def hear_each_other(a: PhoneCall, b: PhoneCall) -> None:
    """Each says a tone of its own and hears the other's."""
    await a.play(LONG.format(ALICE_SAYS))
    await b.play(LONG.format(BOB_SAYS))
    await asyncio.gather(a.hear(BOB_SAYS), b.hear(ALICE_SAYS))


async def test_two_phones_hear_each_other(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    assert (await server.api("show calls count")).strip() == "1 total."
    a.hangup()
    assert await b.expect_end() == 200
    assert b.reason == "hung up by the far end"


async def test_the_called_party_ends_the_call_too(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    b.hangup()
    await a.expect_end()
    assert a.reason == "hung up by the far end"
    await until(lambda: len(server.ended()) == 2, "two ends")
    assert {end["Hangup-Cause"] for end in server.ended()} == {"NORMAL_CLEARING"}


async def test_who_calls_is_told(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    a, b = await talk(alice, bob)
    assert b.far_end == "1000"
    invite = b.usage.request if b.usage is not None else None
    assert invite is not None and invite.from_.display == "1000"
    a.hangup()
    await b.expect_end()


@pytest.mark.parametrize("transports", [("udp", "tcp"), ("tcp", "udp"), ("tcp", "tcp")])
async def test_phones_of_different_transports_talk(
    serve: Serve, transports: tuple[str, str]
) -> None:
    server = await serve(LOCAL)
    alice = await server.phone("1000", transport=transports[0])
    bob = await server.phone("1001", transport=transports[1], register=True)
    a, b = await talk(alice, bob)
    await hear_each_other(a, b)
    b.hangup()
    await a.expect_end()


async def test_different_codecs_are_translated(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice = await server.phone("1000", codecs="PCMU")
    bob = await server.phone("1001", codecs="PCMA", register=True)
    a, b = await talk(alice, bob)
    await hear_each_other(a, b)
    codecs = [session.get("read_codec") for session in server.sessions]
    assert codecs == ["PCMU", "PCMA"]
    a.hangup()
    await b.expect_end()


async def test_a_codec_both_know_is_not_translated(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice = await server.phone("1000", codecs="PCMA")
    bob = await server.phone("1001", codecs="PCMU,PCMA", register=True)
    a, b = await talk(alice, bob)
    assert [session.get("read_codec") for session in server.sessions] == ["PCMA", "PCMA"]
    a.hangup()
    await b.expect_end()


async def test_a_call_that_no_codec_fits_is_refused_with_the_reason(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="softswitch")
    server = await serve(LOCAL, profile={"codec-prefs": "PCMA"})
    alice = await server.phone("1000", codecs="PCMU")
    assert await alice.call("1001").expect_end() == 488
    assert "Offered: PCMU/8000" in caplog.text
    assert "Allowed: PCMA/8000" in caplog.text


async def test_a_callee_that_refuses_our_codecs_ends_the_call(serve: Serve) -> None:
    server = await serve(LOCAL, profile={"outbound-codec-prefs": "PCMA"})
    alice, bob = await two_phones(server, codecs="PCMU")
    a = alice.call("1001")
    b = await bob.expect_call()
    with pytest.raises(Exception, match="PCMU"):
        b.answer()
    assert await a.expect_end() == 488


async def test_early_media_of_the_callee_reaches_the_caller(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    b = await bob.expect_call()
    send_early_media(b)
    await a.expect_early_media()
    await b.play(LONG.format(BOB_SAYS))
    await a.hear(BOB_SAYS)
    take_after_early_media(b)
    await a.expect_answer()
    await hear_each_other(a, b)
    a.hangup()
    await b.expect_end()


async def test_ringback_is_played_while_it_rings(serve: Serve) -> None:
    actions = ("set ringback=%(5000,0,480)", f"bridge user/$1@{DOMAIN}")
    server = await serve(extension("(10..)", *actions))
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    b = await bob.expect_call()
    await a.expect_early_media()
    await a.hear(480)
    b.answer()
    await a.expect_answer()
    await hear_each_other(a, b)
    a.hangup()
    await b.expect_end()


async def test_a_caller_who_gives_up_stops_the_ringing(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    b = await bob.expect_call()
    await a.expect_ringing()
    a.hangup()
    assert await b.expect_end() == 487
    assert b.reason == "the caller gave up"
    await until(lambda: len(server.ended()) == 2, "two ends")
    assert {end["Hangup-Cause"] for end in server.ended()} == {"ORIGINATOR_CANCEL"}


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, "USER_BUSY"),
        (603, "CALL_REJECTED"),
        (404, "UNALLOCATED_NUMBER"),
        (503, "NORMAL_TEMPORARY_FAILURE"),
    ],
)
async def test_a_refusal_reaches_the_caller(serve: Serve, status: int, cause: str) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    (await bob.expect_call()).reject(status)
    assert await a.expect_end() == status
    await until(lambda: len(server.ended()) == 2, "two ends")
    assert {end["Hangup-Cause"] for end in server.ended()} == {cause}


async def test_after_a_refusal_the_dialplan_may_go_on(serve: Serve) -> None:
    actions = (
        "set continue_on_fail=USER_BUSY",
        f"bridge user/$1@{DOMAIN}",
        "answer",
        "playback tone_stream://%(5000,0,620)",
    )
    server = await serve(extension("(10..)", *actions))
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    (await bob.expect_call()).reject(486)
    await a.hear(620)
    a.hangup()


async def test_nobody_answers_in_time(serve: Serve) -> None:
    actions = ("set call_timeout=1", f"bridge user/$1@{DOMAIN}", "respond 480 Nobody")
    server = await serve(extension("(10..)", *actions))
    alice, bob = await two_phones(server)
    a = alice.call("1001")
    b = await bob.expect_call()
    assert await b.expect_end() == 487
    assert await a.expect_end() == 480
    assert a.reason == "Nobody"


async def test_a_user_who_is_not_registered_is_told(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice = await server.phone("1000")
    assert await alice.call("1003").expect_end() == 480
    assert server.ended()[0]["Hangup-Cause"] == "USER_NOT_REGISTERED"


async def test_phones_ring_together_and_the_first_wins(serve: Serve) -> None:
    both = f"bridge user/1001@{DOMAIN},user/1002@{DOMAIN}"
    server = await serve(extension("100", both))
    alice, bob = await two_phones(server)
    carol = await server.phone("1002", register=True)
    a = alice.call("100")
    b, c = await bob.expect_call(), await carol.expect_call()
    c.answer()
    await a.expect_answer()
    await b.expect_end()
    assert b.cause is not None and "Call completed elsewhere" in b.cause
    await hear_each_other(a, c)
    a.hangup()
    await c.expect_end()


async def test_phones_ring_one_after_another(serve: Serve) -> None:
    either = f"bridge user/1001@{DOMAIN}|user/1002@{DOMAIN}"
    server = await serve(extension("100", either))
    alice, bob = await two_phones(server)
    carol = await server.phone("1002", register=True)
    a = alice.call("100")
    (await bob.expect_call()).reject(486)
    c = await carol.expect_call()
    c.answer()
    await a.expect_answer()
    a.hangup()
    await c.expect_end()


async def test_a_redirection_is_followed(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    carol = await server.phone("1002")
    a = alice.call("1001")
    b = await bob.expect_call()
    host, port = carol.contact
    refuse(b, 302, ("Contact", f"<sip:1002@{host}:{port}>"))
    c = await carol.expect_call()
    c.answer()
    await a.expect_answer()
    await hear_each_other(a, c)
    c.hangup()
    await a.expect_end()


async def test_digits_pass_through_the_bridge(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    await a.play(LONG.format(ALICE_SAYS))
    await b.play(LONG.format(BOB_SAYS))
    await b.expect_media()
    a.send_digits("159", duration_ms=60)
    assert await b.expect_digits(3) == "159"
    b.send_digits("*0#", duration_ms=60)
    assert await a.expect_digits(3) == "*0#"
    a.hangup()
    await b.expect_end()


async def test_digits_by_info_are_passed_on_in_rtp(serve: Serve) -> None:
    server = await serve(extension("(10..)", "set dtmf_type=info", f"bridge user/$1@{DOMAIN}"))
    a, b = await talk(*await two_phones(server))
    a.send_digits("7", duration_ms=80, method="info")
    assert await b.expect_digits(1) == "7"
    a.hangup()
    await b.expect_end()


async def test_hold_stops_the_sound_and_unhold_brings_it_back(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    a.hold()
    await until(lambda: "CHANNEL_HOLD" in server.names(), "the hold")
    assert server.sessions[0].channel.callstate.name == "HELD"
    await until(lambda: not receives(a), "the answer to the hold")
    a.hold(False)
    await until(lambda: "CHANNEL_UNHOLD" in server.names(), "the end of the hold")
    await asyncio.gather(a.hear(BOB_SAYS), b.hear(ALICE_SAYS))
    a.hangup()
    await b.expect_end()


def receives(call: PhoneCall) -> bool:
    """Whether the phone expects sound, by what was agreed last."""
    return call.audio is not None and call.audio.agreed is not None and call.audio.agreed.receive


async def test_the_switch_holds_a_party(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    uuid = server.sessions[1].uuid
    assert await server.api(f"uuid_hold {uuid}") == "+OK Success\n"
    await b.expect_hold()
    assert await server.api(f"uuid_hold off {uuid}") == "+OK Success\n"
    await b.expect_hold(False)
    await hear_each_other(a, b)
    a.hangup()
    await b.expect_end()


async def test_a_blind_transfer_joins_the_other_two(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    carol = await server.phone("1002", register=True)
    a, b = await talk(alice, bob)
    b.transfer(f"sip:1002@{DOMAIN}")
    c = await carol.expect_call()
    c.answer()
    await b.expect_end()
    await hear_each_other(a, c)
    a.hangup()
    await c.expect_end()


async def test_an_attended_transfer_joins_the_partners_of_two_calls(serve: Serve) -> None:
    server = await serve(LOCAL)
    alice, bob = await two_phones(server)
    carol = await server.phone("1002", register=True)
    a, b = await talk(alice, bob)
    asking, c = await talk(bob, carol, "1002")
    dialog = asking.usage.dialog if asking.usage is not None else None
    assert dialog is not None
    replaces = f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
    b.transfer(f"sip:1002@{DOMAIN}?Replaces={quote(replaces)}")
    await b.expect_end()
    await asking.expect_end()
    await hear_each_other(a, c)
    a.hangup()
    await c.expect_end()


async def test_the_caller_transfers_the_callee(serve: Serve) -> None:
    server = await serve(LOCAL, extension("9196", "answer", "echo"))
    a, b = await talk(*await two_phones(server))
    a.transfer(f"sip:9196@{DOMAIN}")
    await a.expect_end()
    await b.play(LONG.format(BOB_SAYS))
    await b.hear(BOB_SAYS)
    b.hangup()


async def test_nobody_hears_himself(serve: Serve, tmp_path: Path) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    a.record(str(tmp_path / "a.wav"))
    b.record(str(tmp_path / "b.wav"))
    await hear_each_other(a, b)
    a.hangup()
    await b.expect_end()
    # The files are complete a moment after the calls' end.
    for file, says in (("a.wav", BOB_SAYS), ("b.wav", ALICE_SAYS)):
        await until(lambda: heard_tone(tmp_path / file, says), f"what {file} holds")  # noqa: B023
    assert heard_tone(tmp_path / "a.wav", BOB_SAYS)
    assert not heard_tone(tmp_path / "a.wav", ALICE_SAYS, at_least_ms=50)
    assert heard_tone(tmp_path / "b.wav", ALICE_SAYS)
    assert not heard_tone(tmp_path / "b.wav", BOB_SAYS, at_least_ms=50)


async def test_an_unregistered_phone_is_called_by_its_address(serve: Serve) -> None:
    server = await serve()
    bob = await server.phone("1001")
    host, port = bob.contact
    ringing = asyncio.get_running_loop().create_task(
        server.api(f"originate sofia/internal/sip:bob@{host}:{port} 9196")
    )
    b = await bob.expect_call()
    b.reject(486)
    assert await ringing == "-ERR USER_BUSY\n"
