from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import digit_flow
from softswitch.switch.events import Event
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.leg import ScriptedLeg
from tests.support.switch import Bench, bench, extension, verbs

PLAN = extension("1", "bridge test/b")


async def bridged(b: Bench, **variables: str) -> tuple[Session, ScriptedLeg]:
    """A caller, and the leg he talks to."""
    b.script("b", "answer@0")
    session = b.call("1", variables=variables)
    await b.after(0.1)
    assert session.peer is not None
    return session, b.legs.legs["b"]


async def end(b: Bench, session: Session) -> None:
    session.hangup()
    await b.ended(session)


def sent(leg: ScriptedLeg) -> list[str]:
    return [verb for verb in leg.verbs if verb.startswith("digits")]


async def test_events_pass_inside_the_engine_where_nobody_wants_a_say(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(b)
        assert far_end(session.media).passes_events
        session.on_digit("5", 120, "rtp")
        session.on_digit("6", 120, "info")
        assert sent(leg) == ["digits 6 120"]
        await end(b, session)


async def test_a_partner_that_takes_no_events_is_sent_digits(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(b)
        leg.digits_by = "info"
        digit_flow.refresh(session)
        assert not far_end(session.media).passes_events
        session.on_digit("5", 120, "rtp")
        assert sent(leg) == ["digits 5 120"]
        await end(b, session)


@pytest.mark.parametrize(
    ("variables", "events"),
    [
        ({"bridge_filter_dtmf": "true"}, 1),
        ({"drop_dtmf": "true"}, 1),
        ({"sensitive_dtmf": "true"}, 0),
    ],
)
async def test_variables_keep_digits_from_the_partner(
    tmp_path: Path, variables: dict[str, str], events: int
) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(b, **variables)
        assert not far_end(session.media).passes_events
        session.on_digit("5", 120, "rtp")
        assert sent(leg) == []
        assert b.names(session).count("DTMF") == events
        await end(b, session)


async def test_something_may_stand_for_a_dropped_digit(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(
            b,
            drop_dtmf="true",
            drop_dtmf_masking_digits="d",
            drop_dtmf_masking_file="silence_stream://200",
        )
        assert session.peer is not None
        session.on_digit("5", 120, "rtp")
        await b.after(0.1)
        assert sent(leg) == ["digits d 100"]
        assert far_end(session.peer.media).played == ["silence 200,0"]
        await end(b, session)


async def test_blocked_digits_are_nobodys(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(b)
        session.digit_rules.blocked = True
        digit_flow.refresh(session)
        assert not far_end(session.media).passes_events
        session.on_digit("5", 120, "info")
        assert sent(leg) == [] and "DTMF" not in b.names(session)
        await end(b, session)


async def test_digits_reach_a_party_as_tones(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, leg = await bridged(b)
        peer = session.peer
        assert peer is not None
        session.digit_rules.tones_to_partner = True
        digit_flow.refresh(session)
        session.on_digit("5", 120, "rtp")
        assert far_end(peer.media).digits_sent == "5"
        peer.digit_rules.tones_to_us = True
        session.digit_rules.tones_to_partner = False
        digit_flow.refresh(session)
        assert not far_end(session.media).passes_events
        session.on_digit("6", 120, "rtp")
        digit_flow.send(peer, "7", 100)
        assert far_end(peer.media).digits_sent == "567"
        assert sent(leg) == []
        digit_flow.send(session, "8", 100)
        assert "digits 8 100" in verbs(session)
        await end(b, session)


async def test_a_key_that_comes_twice_is_one(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        session.digit_rules.deduplicated = True
        for key, source, pause in [
            ("1", "rtp", 0.05),
            ("1", "inband", 1.0),
            ("1", "inband", 0.3),
            ("1", "inband", 0.1),
            ("2", "inband", 0.05),
            ("2", "rtp", 0.1),
        ]:
            session.on_digit(key, 100, source)
            await b.after(pause)
        assert len(session.digits) == 4
        session.digits.clear()
        session.digit_rules.only_rtp = True
        for source in ("rtp", "inband", "info"):
            session.on_digit("3", 100, source)
        assert len(session.digits) == 1
        await end(b, session)


async def test_who_diverts_a_channel_s_keys_alone_hears_of_them(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session, _ = await bridged(b)
        session.on_digit("5", 120, "rtp")
        diverted: list[Event] = []
        session.divert = diverted.append
        session.on_digit("6", 120, "rtp")
        session.divert = None
        session.on_digit("7", 120, "rtp")
        told = [event.headers["DTMF-Digit"] for event in b.events if event.name == "DTMF"]
        assert told == ["5", "7"]
        [event] = diverted
        assert (event.headers["DTMF-Digit"], event.headers["Unique-ID"]) == ("6", session.uuid)
        assert event.headers["Event-Sequence"] == str(event.sequence)
        await end(b, session)
