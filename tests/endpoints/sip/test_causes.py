"""Statuses and causes, against the reference and each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from softswitch.endpoints.sip.causes import cause_in, cause_of, reason_header, status_of
from softswitch.sip.message import make_response
from softswitch.switch.causes import HangupCause as Cause
from tests.support.sip_bench import BOB, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

REFERENCE = (
    Path(__file__).resolve().parents[3] / "../shared/reference/freeswitch/originate-bridge.md"
)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (Cause.NORMAL_CLEARING, 480),
        (Cause.UNALLOCATED_NUMBER, 404),
        (Cause.USER_BUSY, 486),
        (Cause.NO_USER_RESPONSE, 408),
        (Cause.CALL_REJECTED, 603),
        (Cause.INCOMPATIBLE_DESTINATION, 488),
        (Cause.NORMAL_TEMPORARY_FAILURE, 503),
        (Cause.EXCHANGE_ROUTING_ERROR, 483),
        (Cause.ORIGINATOR_CANCEL, 487),
        (Cause.STALE_DATE, 403),
    ],
)
def test_a_refusal_tells_the_cause(cause: Cause, status: int) -> None:
    assert status_of(cause) == status


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (404, Cause.UNALLOCATED_NUMBER),
        (486, Cause.USER_BUSY),
        (600, Cause.USER_BUSY),
        (480, Cause.NO_USER_RESPONSE),
        (408, Cause.RECOVERY_ON_TIMER_EXPIRE),
        (503, Cause.NORMAL_TEMPORARY_FAILURE),
        (488, Cause.INCOMPATIBLE_DESTINATION),
        (403, Cause.CALL_REJECTED),
        (499, Cause.NORMAL_UNSPECIFIED),
    ],
)
def test_a_refusal_received_gives_a_cause(status: int, cause: Cause) -> None:
    assert cause_of(status) is cause


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not here")
def test_every_row_of_the_reference_holds() -> None:
    text = REFERENCE.read_text()
    causes = text[: text.index("SIP status -> cause")]
    rows = re.findall(r"\| (\d+) \| ([A-Z_0-9]+) \| (\d{3}) (?=\|)", causes)
    assert len(rows) > 80
    wrong = [
        (name, status)
        for _, name, status in rows
        if Cause.known(name) and status_of(Cause[name]) != int(status)
    ]
    assert not wrong
    table = text[text.index("SIP status -> cause") : text.index("Overrides:")]
    for statuses, name in re.findall(r"\| ([\d ]+) \| ([A-Z_]+) (?=\|)", table):
        for status in statuses.split():
            assert cause_of(int(status)).name == name, status


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ('Q.850;cause=17;text="User busy"', Cause.USER_BUSY),
        ("q.850 ; text=x ; cause = 3", Cause.NO_ROUTE_DESTINATION),
        ("FreeSWITCH;cause=806", Cause.USER_NOT_REGISTERED),
        ("SIP;cause=200", None),
        ("Q.850;cause=999", None),
        ("Q.850;cause=999999999", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_a_reason_names_its_cause(header: str | None, cause: Cause | None) -> None:
    assert cause_in(header) is cause


def test_our_reason_is_the_one_freeswitch_sends() -> None:
    assert reason_header(Cause.NORMAL_CLEARING) == 'Q.850;cause=16;text="NORMAL_CLEARING"'
    assert reason_header(Cause.USER_NOT_REGISTERED) == 'SIP;cause=806;text="USER_NOT_REGISTERED"'
    assert reason_header(Cause.LOSE_RACE) == 'SIP;cause=200;text="Call completed elsewhere"'
    assert reason_header(Cause.LOSE_RACE, elsewhere=False).startswith("SIP;cause=702")


BLOCKED = 'SIP;cause=603;text="v=analytics1;url=https://x"'


@pytest.mark.parametrize(
    ("wish", "phrase", "reason"),
    [
        ("true", "Network Blocked", BLOCKED),
        ("false", "Decline", None),
        ("", "Decline", 'Q.850;cause=21;text="CALL_REJECTED"'),
    ],
)
async def test_a_blocked_call_says_so_where_that_is_wished(
    tmp_path: Path, wish: str, phrase: str, reason: str | None
) -> None:
    dial = extension(
        "1", f"set sip_603plus_passthrough={wish}", "bridge sofia/internal/1@192.0.2.20:5064"
    )
    async with sip_bench(tmp_path, dial) as running:
        _, caller = await running.invite("1")
        refusal = make_response(running.bob.request("INVITE"), 603, "Network blocked", to_tag="b")
        refusal.headers.add("Reason", BLOCKED)
        running.bob.feed(refusal)
        await running.settle()
        final = running.alice.response(603)
        assert caller.get("sip_603plus_reason") == BLOCKED
        assert (final.reason, final.headers.get("Reason")) == (phrase, reason)


@pytest.mark.parametrize(("status", "told"), [(401, 603), (407, 603), (404, 404), (606, 606)])
async def test_a_challenge_of_whom_we_call_is_not_the_callers(
    tmp_path: Path, status: int, told: int
) -> None:
    bridge = extension("1", f"bridge sofia/internal/1001@{BOB[0]}:{BOB[1]}")
    async with sip_bench(tmp_path, bridge) as running:
        await running.invite("1")
        running.bob.answer(running.bob.request("INVITE"), status)
        await running.settle()
        assert running.alice.response(told)
