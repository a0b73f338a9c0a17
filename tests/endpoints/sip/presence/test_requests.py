"""SUBSCRIBE and PUBLISH: who may, for how long, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.presence.requests import granted
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Headers, Request
from tests.endpoints.sip.presence.watching import MANAGED, told, watch
from tests.support.sip_bench import credentials, sip_bench

pytestmark = pytest.mark.virtual_time
ASKS = {**MANAGED, "auth-calls": "true"}
PIDF = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple id="a"><status><basic>open</basic>'
    "</status><note>{}</note></tuple></presence>"
)


@pytest.mark.parametrize(
    ("expires", "forced", "seconds"),
    [("600", 0, 600), ("", 0, 3600), ("0", 90, 0), ("600", 90, 90), ("999999", 0, 86400)],
)
def test_how_long_a_subscription_lasts(expires: str, forced: int, seconds: int) -> None:
    request = Request("SUBSCRIBE", "sip:x", Headers([("Expires", expires)] if expires else []))
    assert granted(forced, request) == seconds


def test_too_short_a_subscription_is_refused() -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        granted(0, Request("SUBSCRIBE", "sip:x", Headers([("Expires", "5")])))
    assert refused.value.status == 423


@pytest.mark.parametrize(
    ("settings", "event", "headers", "status"),
    [
        ({}, "dialog", {}, 489),
        (MANAGED, "winfo", {}, 489),
        (MANAGED, "", {}, 489),
        ({"manage-presence": "passive"}, "dialog", {}, 403),
        (MANAGED, "dialog", {"Accept": "text/plain"}, 406),
        (MANAGED, "dialog", {"Accept": "application/dialog-info+xml"}, 200),
        (MANAGED, "dialog", {"Accept": "application/*, x/y"}, 200),
        (MANAGED, "dialog", {"Expires": "5"}, 423),
        (MANAGED, "dialog", {"Contact": "<sip:"}, 400),
        ({**MANAGED, "auth-subscriptions": "true"}, "dialog", {}, 407),
        (ASKS, "dialog", {}, 407),
        (
            {**MANAGED, "auth-calls": "true", "disable-auth-subscriptions": "true"},
            "dialog",
            {},
            200,
        ),
        ({**ASKS, "apply-inbound-acl": "here"}, "dialog", {}, 200),
    ],
)
async def test_who_may_watch(
    tmp_path: Path, settings: dict[str, str], event: str, headers: dict[str, str], status: int
) -> None:
    async with sip_bench(tmp_path, profile=settings) as running:
        wanted = {"Expires": "600", "Event": event, **headers}
        running.alice.ask("SUBSCRIBE", "1001", **wanted)  # type: ignore[arg-type]
        await running.settle()
        answer = running.alice.response(status)
        if status == 423:
            assert answer.headers.get("Min-Expires") == "30"
        if status == 489 and settings:
            assert "dialog" in (answer.headers.get("Allow-Events") or "")


async def test_a_password_lets_one_watch(tmp_path: Path) -> None:
    settings = {**MANAGED, "auth-subscriptions": "true"}
    async with sip_bench(tmp_path, profile=settings) as running:
        first = running.alice.ask("SUBSCRIBE", "1001", Event="dialog", Expires="600")
        value = credentials(running.alice.response(407), first, "1000", "secret")
        answer, _ = await watch(running, running.alice, "1001", **{"Proxy-Authorization": value})
        assert answer.status == 200


async def test_a_fetch_is_told_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        running.alice.ask("SUBSCRIBE", "1001", Event="presence", Expires="0")
        await running.settle()
        running.alice.response(200)
        first = running.alice.request("NOTIFY")
        running.alice.answer(first, 200)
        await running.settle()
        assert first.headers.get("Subscription-State") == "terminated;reason=timeout"
        assert not list(running.sip.presence)


async def test_the_switchs_address_means_the_domain(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        running.switch.globals["domain"] = "example.test"
        running.alice.ask("SUBSCRIBE", uri="sip:1001@192.0.2.1", Event="dialog", Expires="600")
        await running.settle()
        (watcher,) = running.sip.presence
        assert watcher.resource == "1001@example.test"


async def test_a_probe_asks_those_who_know(tmp_path: Path) -> None:
    rules = (
        '<configuration name="presence_map.conf"><domains><domain name="example.test">'
        '<exten regex="^3\\d+$" proto="conf"/></domain></domains></configuration>'
    )
    async with sip_bench(tmp_path, profile=MANAGED, configuration=rules) as running:
        await watch(running, running.alice, "3001")
        (probe,) = running.events("PRESENCE_PROBE")
        assert (probe["proto"], probe["to"]) == ("conf", "3001@example.test")
        running.switch.publish(
            "PRESENCE_IN",
            {
                "proto": "conf",
                "from": "conf+3001@example.test",
                "Unique-ID": "room",
                "answer-state": "confirmed",
            },
        )
        assert b"confirmed" in (await told(running, running.alice)).body


async def test_a_publication_is_taken_changed_and_withdrawn(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        await watch(running, running.bob, "1000", "presence")
        kind = {"Content-Type": "application/pidf+xml"}
        tag = ""
        for note, expires in (("Here", "600"), ("There", "600"), ("", "600"), ("", "0")):
            running.alice.ask(
                "PUBLISH",
                "1000",
                PIDF.format(note) if note else "",
                Event="presence",
                Expires=expires,
                **({"SIP-If-Match": tag} if tag else {}),
                **(kind if note else {}),
            )
            await running.settle()
            answer = running.alice.response(200)
            tag = answer.headers.get("SIP-ETag") or ""
            assert answer.headers.get("Expires") == expires
            if note:
                assert note.encode() in (await told(running, running.bob)).body
        assert b"There" not in (await told(running, running.bob)).body
        for headers, status in (
            ({"SIP-If-Match": "unknown", **kind}, 412),
            ({"Content-Type": "text/plain"}, 415),
        ):
            running.alice.ask("PUBLISH", "1000", "x", Event="presence", **headers)  # type: ignore[arg-type]
            await running.settle()
            running.alice.response(status)
        running.alice.ask("PUBLISH", "1000", Event="presence")
        running.alice.response(400)
