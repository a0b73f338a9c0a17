"""Legs that are redirected: followed, refused, or handed to the dialplan."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.redirection import answer_to, contacts_of
from softswitch.sip.message import Headers, Response
from softswitch.switch.causes import HangupCause
from tests.support.sip_bench import BOB, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
CAROL, DAVE = ("192.0.2.30", 5066), ("192.0.2.40", 5068)
TWO = "<sip:carol@192.0.2.30:5066>;q=0.5, <sip:dave@192.0.2.40:5068;x=1>;q=0.9"


@pytest.mark.parametrize(
    ("contact", "users"),
    [
        (TWO, ["dave", "carol"]),
        ("<sip:a@x>, <tel:123>, <mailto:b@x>", ["a"]),
        ("<sip:a@x>;q=nonsense, <sip:b@x>;q=0.1", ["b", "a"]),
        ("<sip:", []),
        ("*", []),
        ("", []),
    ],
)
def test_contacts_in_the_order_of_their_preference(contact: str, users: list[str]) -> None:
    response = Response(302, "", Headers([("Contact", contact)]))
    assert [item.uri.user for item in contacts_of(response)] == users


async def test_contacts_are_tried_one_after_the_other(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        carol, dave = running.party("carol", CAROL), running.party("dave", DAVE)
        invite, task = await running.dial(TO_BOB)
        session = running.session
        running.bob.answer(invite, 302, Contact=TWO)
        await running.settle()
        first = dave.request("INVITE")
        assert first.uri == "sip:dave@192.0.2.40:5068;x=1"
        assert session.get("sip_redirect_contact_0") == "<sip:dave@192.0.2.40:5068;x=1>;q=0.9"
        assert session.get("sip_redirect_contact_user_1") == "carol"
        assert session.get("sip_redirect_contact_params_0") == "x=1"
        assert session.get("sip_redirected_to") == "sip:dave@192.0.2.40:5068;x=1"
        dave.answer(first, 486)
        await running.settle()
        second = carol.request("INVITE")
        carol.answer(second, 200, sdp(host=CAROL[0]))
        await running.settle()
        assert (await task).startswith("+OK")
        session.hangup()
        await running.settle()
        carol.answer(carol.request("BYE"), 200)


async def test_a_redirection_may_be_fatal(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(f"{{outbound_redirect_fatal=true}}{TO_BOB}")
        running.bob.answer(invite, 302, Contact="<sip:carol@192.0.2.30:5066>")
        await running.settle()
        assert await task == "-ERR REQUESTED_CHAN_UNAVAIL\n"
        assert not running.air.lost


async def test_a_redirection_to_nowhere_fails(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        running.bob.answer(invite, 302, Contact="")
        await running.settle()
        assert await task == "-ERR REDIRECTION_TO_NEW_DESTINATION\n"


async def test_the_dialplan_may_decide_about_a_redirection(tmp_path: Path) -> None:
    bridge = extension(
        "7000", "set hangup_after_bridge=true", f"bridge {{sip_redirect_fork=true}}{TO_BOB}"
    )
    decide = f'<context name="redirected">{extension("dave", "answer", "park")}</context>'
    settings = {"manual-redirect": "true"}
    async with sip_bench(tmp_path, bridge, profile=settings, contexts=decide) as running:
        _, caller = await running.invite("7000")
        running.bob.answer(running.bob.request("INVITE"), 302, Contact=TWO, Diversion="<sip:b@x>")
        await running.settle()
        assert caller.channel.answered
        assert caller.get("sip_redirected_by") == "<sip:b@x>"
        assert caller.get("sip_redirect_count") == "2"
        assert caller.channel.profile.context == "redirected"
        assert caller.get("sip_redirect_dialstring") == (
            "sofia/internal/dave@192.0.2.40:5068;x=1,sofia/internal/carol@192.0.2.30:5066"
        )
        assert caller.channel.hangup_cause is HangupCause.NONE
        caller.hangup()


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("sip:a@x", (302, "<sip:a@x>", HangupCause.NORMAL_UNSPECIFIED)),
        ('"Al B" <sip:a@x>', (302, '"Al B" <sip:a@x>', HangupCause.NORMAL_UNSPECIFIED)),
        ("sip:a@x user_busy", (302, "<sip:a@x>", HangupCause.USER_BUSY)),
        ("40", (302, "<sip:40@192.0.2.1>", HangupCause.NORMAL_UNSPECIFIED)),
        (
            "sip:a@x, <sip:b@x>;q=0.7,sip:c@x NO_ANSWER",
            (
                300,
                "<sip:a@x>;q=0.129, <sip:b@x>;q=0.7, <sip:c@x>;q=0.127",
                HangupCause.NO_ANSWER,
            ),
        ),
    ],
)
async def test_where_a_caller_is_sent(
    tmp_path: Path, data: str, answer: tuple[int, str, HangupCause]
) -> None:
    async with sip_bench(tmp_path) as running:
        assert answer_to(data, running.profile) == answer
