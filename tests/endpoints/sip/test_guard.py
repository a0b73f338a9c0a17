"""Who is shut out, and who is not."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from softswitch.endpoints.sip import commands
from softswitch.endpoints.sip.guard import TRUST_LASTS, Guard, is_scanner, network, shown
from tests.support.sip_bench import ALICE, SipBench, credentials, sdp, sip_bench

__all__ = ["commands"]
HOST = "203.0.113.5"
LIMITS: dict[str, Any] = {"most": 30, "seconds": 600.0}


def test_a_phone_with_one_wrong_password_is_never_shut_out() -> None:
    guard = Guard()
    chance = random.Random(1)
    now = 0.0
    for _ in range(10_000):
        # Phones try again after 30 s or so, hasty ones after 10.
        now += chance.uniform(10, 60)
        guard.failed(HOST, "1000", now, known=True, **LIMITS)
        assert guard.admits(HOST, now)


def test_who_guesses_is_shut_out_for_a_while() -> None:
    told: list[tuple[str, str, float]] = []
    guard = Guard(lambda *what: told.append(what))
    for attempt in range(40):
        guard.failed(HOST, "1000", attempt / 10, known=True, **LIMITS)
    assert not guard.admits(HOST, 5.0)
    assert guard.admits("203.0.113.6", 5.0)
    assert told == [(HOST, "too many wrong passwords", 600.0)]
    assert guard.dropped == 1
    assert guard.admits(HOST, 700.0)


def test_who_asks_for_many_users_is_shut_out_sooner_than_who_asks_for_one() -> None:
    for names, stays in ((1, True), (11, False)):
        guard = Guard()
        for attempt in range(20):
            name = f"user{attempt % names}"
            guard.failed(HOST, name, attempt / 10, known=False, **LIMITS)
        assert guard.admits(HOST, 5.0) is stays


def test_a_source_that_good_users_come_from_bears_more() -> None:
    guard = Guard()
    guard.succeeded(HOST, 0.0)
    assert guard.trusts(HOST, 1.0)
    for attempt in range(500):
        guard.failed(HOST, f"user{attempt}", 1 + attempt / 100, known=True, **LIMITS)
    assert guard.admits(HOST, 10.0)
    for attempt in range(500):
        guard.failed(HOST, f"user{attempt}", 10 + attempt / 100, known=True, **LIMITS)
    assert not guard.admits(HOST, 20.0)
    assert not guard.trusts(HOST, TRUST_LASTS + 1)


def test_nobody_is_shut_out_where_that_is_not_wished() -> None:
    guard = Guard()
    for _ in range(1000):
        guard.failed(HOST, "x", 0.0, known=False, most=0, seconds=600)
    assert guard.admits(HOST, 0.0)


def test_a_pardon() -> None:
    guard = Guard()
    guard.ban(HOST, "tested", 0.0, 60)
    assert guard.pardon(HOST)
    assert not guard.pardon(HOST)
    assert guard.admits(HOST, 1.0)


def test_a_rate_has_room_for_a_burst_and_no_more() -> None:
    guard = Guard()
    assert sum(guard.within_rate(HOST, 10, 0.0) for _ in range(100)) == 20
    assert guard.within_rate("203.0.113.6", 10, 0.0)
    assert sum(guard.within_rate(HOST, 10, 1.0) for _ in range(100)) == 10


def test_sources_beyond_measure_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.endpoints.sip.guard._MOST", 50)
    guard = Guard()
    for number in range(100):
        host = f"10.0.0.{number}"
        guard.failed(host, "x", 0.0, known=True, **LIMITS)
        guard.within_rate(host, 10, 0.0)
        guard.ban(host, "tested", 0.0, 60)
    assert len(guard._sources) == len(guard._budgets) == len(guard.bans) == 50


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_a_source_is_what_one_person_has(host: str, source: str) -> None:
    assert network(host) == source


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("1000", "1000"),
        ("1000] from ip 9.9.9.9", "1000%5D%20from%20ip%209.9.9.9"),
        ("a\r\nb", "a%0D%0Ab"),
        ("x" * 200, "x" * 80),
    ],
)
def test_names_in_logs_speak_for_themselves_alone(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"\r\nUser-Agent: friendly-scanner\r\n", True),
        (b"\r\nuser-agent : sipcli/v1.8\r\n", True),
        (b'\r\nFrom: "sipvicious"<sip:100@1.1.1.1>;tag=1\r\n', True),
        (b"\r\nUser-Agent: sipsak 0.9.8.1\r\n", False),
        (b"\r\nUser-Agent: Yealink SIP-T46S\r\n", False),
        (b"\r\nSubject: friendly-scanner\r\n", False),
    ],
)
def test_scanners_are_known_by_what_they_call_themselves(line: bytes, found: bool) -> None:
    assert is_scanner(b"OPTIONS sip:x SIP/2.0" + line) is found


virtual = pytest.mark.virtual_time


async def guess(running: SipBench, number: int) -> None:
    """One wrong password."""
    call_id = f"guess{number}"
    first = running.alice.ask("REGISTER", call_id=call_id)
    await running.settle()
    challenge = running.alice.response(401)
    value = credentials(challenge, first, "1000", f"guess{number}")
    running.alice.ask("REGISTER", call_id=call_id, Authorization=value)
    await running.settle()


@virtual
async def test_guessing_ends_in_silence_and_the_console_lets_in_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"ban-failures": "5"}) as running:
        for number in range(6):
            await guess(running, number)
        running.alice.received.clear()
        running.alice.ask("OPTIONS", "x")
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle(1)
        assert not running.alice.received
        assert running.events("sofia::source_banned")[0]["network-ip"] == ALICE[0]
        run = running.switch.run_command
        assert ALICE[0] in await run("sofia bans")
        assert "2 messages dropped" in await run("sofia bans")
        assert await run(f"sofia unban {ALICE[0]}") == f"+OK {ALICE[0]} is let in again\n"
        assert (await run(f"sofia unban {ALICE[0]}")).startswith("-ERR")
        assert (await running.register(running.alice)).status == 200


@virtual
async def test_who_is_on_a_list_is_not_shut_out(tmp_path: Path) -> None:
    settings = {"ban-failures": "5", "apply-register-acl": "here"}
    async with sip_bench(tmp_path, profile=settings) as running:
        for number in range(20):
            await guess(running, number)
        assert (await running.register(running.alice)).status == 200


@virtual
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_scanner_is_not_answered_at_all(tmp_path: Path, transport: str) -> None:
    async with sip_bench(tmp_path) as running:
        scanner = running.party("100", ("192.0.2.66", 5060), transport)
        scanner.ask("OPTIONS", "100", **{"User-Agent": "friendly-scanner"})
        scanner.ask("OPTIONS", "100")
        await running.settle(1)
        assert not scanner.received
        assert running.profile.driver.counts.dropped == 2


@virtual
async def test_requests_beyond_the_rate_are_dropped(tmp_path: Path) -> None:
    settings = {"max-recv-requests-per-second": "5"}
    async with sip_bench(tmp_path, profile=settings) as running:
        for _ in range(50):
            running.alice.ask("OPTIONS", "x")
        await running.settle()
        assert len(running.alice.received) == 10
        await running.settle(1)
        running.alice.ask("OPTIONS", "x")
        await running.settle()
        assert len(running.alice.received) == 11


@virtual
async def test_nobody_is_shut_out_by_what_others_send_in_his_name(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"ban-failures": "5"}) as running:
        # Whoever forges an address never sees what is sent there, and so has no nonce of it.
        forger = running.party("1000", ("203.0.113.66", 5060))
        first = forger.ask("REGISTER", call_id="own")
        await running.settle()
        value = credentials(forger.response(401), first, "1000", "guess")
        for number in range(40):
            running.alice.ask("REGISTER", call_id=f"forged{number}", Authorization=value)
        await running.settle()
        assert not running.sip.guard.bans
        assert (await running.register(running.alice)).status == 200
        # Who is known to be good is not shut out by a word in a header.
        running.alice.ask("OPTIONS", "x", **{"User-Agent": "friendly-scanner"})
        await running.settle()
        assert not running.sip.guard.bans
