"""A call centre whose callers and agents are real phones: baresip and SIPp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from softswitch.modules.callcenter.application import center_of
from softswitch.modules.callcenter.strategy import STRATEGIES, TOGETHER
from tests.interop.test_baresip import account
from tests.interop.test_sipp_dialogs import nothing_left
from tests.support.audio import heard_tone, power, read_wav
from tests.support.baresip import Baresip, baresip
from tests.support.process import SwitchProcess, shipped_switch
from tests.support.programs import needs
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.sipp_script import Script
from tests.support.switch import extension

pytestmark = [needs("baresip"), needs("sipp"), pytest.mark.slow]

MUSIC = 1800
SAYS = {"1000": 440, "1001": 1336, "1002": 770}
CONFIGURATION = """<configuration name="callcenter.conf"><settings>
<param name="agent-originate-timeout" value="{rings}"/></settings>
<queues><queue name="help"><param name="strategy" value="{strategy}"/>
<param name="moh-sound" value="tone_stream://%(10000,0,1800);loops=-1"/>{params}</queue></queues>
<agents>{agents}</agents><tiers>{tiers}</tiers></configuration>"""
HELP = extension("help", "callcenter help", "set after=${cc_cause} ${cc_cancel_reason}", "park")


def centre(
    contacts: dict[str, str],
    *,
    strategy: str = "top-down",
    rings: int = 30,
    rest: int = 600,
    misses: int = 0,
    **params: str,
) -> str:
    """``callcenter.conf`` with a queue ``help`` that these agents serve in this order.

    They ring for ``rings`` seconds, then rest for ``rest``; after so many ``misses`` they are on a
    break.
    """
    return CONFIGURATION.format(
        strategy=strategy,
        rings=rings,
        params="".join(
            f'<param name="{name.replace("_", "-")}" value="{value}"/>'
            for name, value in params.items()
        ),
        agents="".join(
            f'<agent name="{name}" type="callback" contact="{contact}" status="Available"'
            f' busy-delay-time="{rest}" no-answer-delay-time="{rest}" max-no-answer="{misses}"/>'
            for name, contact in contacts.items()
        ),
        tiers="".join(
            f'<tier agent="{name}" queue="help" level="1" position="{place}"/>'
            for place, name in enumerate(contacts, 1)
        ),
    )


def told(server: Server, action: str) -> list[dict[str, str]]:
    """The headers of what the call centre told of one kind, in order."""
    return [one.headers for one in server.events if one.headers.get("CC-Action") == action]


def causes(server: Server) -> list[tuple[str, str]]:
    """The agents who did not take a call, and why."""
    failed = told(server, "bridge-agent-fail")
    return [(headers["CC-Agent"], headers["CC-Hangup-Cause"]) for headers in failed]


@asynccontextmanager
async def phones(server: Server, folder: Path, *users: str) -> AsyncIterator[list[Baresip]]:
    """Registered phones that are answered by hand."""
    port = server.address()[1]
    async with AsyncExitStack() as stack:
        made = []
        for user in users:
            account = (
                f'<sip:{user}@{DOMAIN}>;outbound="sip:127.0.0.1:{port}"'
                f';auth_pass="secret-{user}";answermode=manual;audio_codecs=pcmu;regint=600'
            )
            running = baresip(folder / user, account, says=SAYS[user])
            made.append(await stack.enter_async_context(running))
        for phone in made:
            await phone.expect_said("200 OK")
        yield made


async def begin(serve: Serve, configuration: str) -> Server:
    """A switch with that call centre."""
    server = await serve(HELP, configuration=configuration)
    assert (await server.api("load mod_callcenter")).endswith("+OK\n")
    return server


def users(*names: str) -> dict[str, str]:
    """Agents who are users of the switch, and how they are called."""
    return {name: f"user/{name}@{DOMAIN}" for name in names}


async def test_who_refuses_is_followed_by_who_answers(serve: Serve, tmp_path: Path) -> None:
    template = f"{tmp_path}/talk.wav"
    server = await begin(serve, centre(users("1001", "1002"), record_template=template))
    async with phones(server, tmp_path, "1000", "1001", "1002") as (alice, bob, carol):
        await alice.do("dial", f"sip:help@{DOMAIN}")
        await bob.expect("CALL_INCOMING")
        # What is heard is real time: there is nothing to wait for but time itself.
        await asyncio.sleep(1.0)
        await bob.do("hangup")
        await carol.expect("CALL_INCOMING")
        await carol.do("accept")
        await carol.expect("CALL_ESTABLISHED")
        await asyncio.sleep(2.0)
        await carol.do("hangup")
        await until(lambda: bool(told(server, "member-queue-end")), "the end of the talk")
        await alice.do("hangup")
    await nothing_left(server)
    assert causes(server) == [("1001", "USER_BUSY")]
    assert told(server, "bridge-agent-end")[0]["CC-Agent-Bridged"] == "true"
    assert told(server, "member-queue-end")[0]["CC-Agent"] == "1002"
    assert heard_tone(alice.heard(), MUSIC, at_least_ms=500)
    assert heard_tone(alice.heard(), SAYS["1002"], at_least_ms=1000)
    assert heard_tone(carol.heard(), SAYS["1000"], at_least_ms=1000)
    samples, rate = read_wav(tmp_path / "talk.wav")
    for who in ("1000", "1002"):
        assert power(samples[-rate:], rate, SAYS[who]) > 500.0**2 / 2


async def test_a_caller_who_gives_up_stops_the_ringing(serve: Serve, tmp_path: Path) -> None:
    server = await begin(serve, centre(users("1001")))
    async with phones(server, tmp_path, "1000", "1001") as (alice, bob):
        await alice.do("dial", f"sip:help@{DOMAIN}")
        await bob.expect("CALL_INCOMING")
        await alice.do("hangup")
        await bob.expect("CALL_CLOSED")
    agent = center_of(server.switch).agents["1001"]
    assert (agent.state.value, agent.status.value) == ("Waiting", "Available")
    await nothing_left(server)
    assert causes(server) == [("1001", "ORIGINATOR_CANCEL")]
    (over,) = told(server, "member-queue-end")
    assert (over["CC-Cause"], over["CC-Cancel-Reason"]) == ("Cancel", "BREAK_OUT")


async def test_who_does_not_answer_twice_is_on_a_break(serve: Serve, tmp_path: Path) -> None:
    server = await begin(serve, centre(users("1001"), rings=1, rest=1, misses=2, max_wait_time="8"))
    async with phones(server, tmp_path, "1000", "1001") as (alice, bob):
        await alice.do("dial", f"sip:help@{DOMAIN}")
        await bob.expect("CALL_INCOMING")
        await until(lambda: bool(told(server, "agent-max-no-answer")), "the second call")
        await until(lambda: server.sessions[0].get("after") is not None, "the caller's patience")
        assert server.sessions[0].get("after") == "cancel TIMEOUT"
        assert await server.api("callcenter_config agent get status 1001") == "On Break"
        await alice.do("hangup")
    await nothing_left(server)
    assert [cause for _, cause in causes(server)] == ["NO_ANSWER", "NO_ANSWER"]


async def test_a_member_comes_back_to_his_place(serve: Serve, tmp_path: Path) -> None:
    server = await begin(serve, centre({}, abandoned_resume_allowed="true"))
    async with phones(server, tmp_path, "1000", "1002") as (alice, carol):
        for phone in (alice, carol):
            await phone.do("dial", f"sip:help@{DOMAIN}")
            await phone.expect("CALL_ESTABLISHED")
        await alice.do("hangup")
        await until(lambda: bool(told(server, "member-queue-end")), "the end of the wait")
        alice.events.clear()
        await alice.do("dial", f"sip:help@{DOMAIN}")
        await alice.expect("CALL_ESTABLISHED")
        rows = (await server.api("callcenter_config queue list members help")).splitlines()[1:-1]
        for phone in (alice, carol):
            await phone.do("hangup")
    await nothing_left(server)
    numbers = [row.split("|")[4] for row in rows]
    assert numbers == ["1000", "1002"]
    (resumed,) = told(server, "member-queue-resume")
    assert resumed["CC-Member-UUID"] == told(server, "member-queue-start")[0]["CC-Member-UUID"]


async def test_a_key_lets_a_caller_out(serve: Serve, tmp_path: Path) -> None:
    keys = extension("keys", "set cc_exit_keys=5", "callcenter help", "set after=yes", "park")
    server = await serve(keys, configuration=centre({}))
    assert (await server.api("load mod_callcenter")).endswith("+OK\n")
    async with phones(server, tmp_path, "1000") as (alice,):
        await alice.do("dial", f"sip:keys@{DOMAIN}")
        await alice.expect("CALL_ESTABLISHED")
        await alice.do("sndcode", "4")
        await alice.do("sndcode", "5")
        await until(lambda: server.sessions[0].get("after") == "yes", "the dialplan")
        (session,) = server.sessions
        assert session.get("cc_exit_key") == "5"
        assert session.get("cc_cancel_reason") == "EXIT_WITH_KEY"
        await alice.do("hangup")
    await nothing_left(server)


CALLER = ("> INVITE sdp", "< 100?", "< 183?", "< 200", "> ACK")
BYE = ("> BYE", "< 200")
LEAVES_SOON = ("< INVITE", "> 180", "> 200 sdp", "< ACK", "wait 300", "> BYE", "< 200")
REFUSES = ("< INVITE", "> 486", "< ACK")


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_each_strategy_serves_all(serve: Serve, tmp_path: Path, strategy: str) -> None:
    others = REFUSES if strategy in TOGETHER else LEAVES_SOON
    steps = {"x": LEAVES_SOON, "y": others, "z": others}
    agents = [Sipp(tmp_path / name, Script(*script)) for name, script in steps.items()]
    contacts = {
        agent.folder.name: f"sofia/internal/sip:sipp@127.0.0.1:{agent.port}" for agent in agents
    }
    plan = extension("help", "callcenter help", "hangup")
    written = centre(contacts, strategy=strategy, rest=0, ring_progressively_delay="1")
    server = await serve(plan, configuration=written)
    assert (await server.api("load mod_callcenter")).endswith("+OK\n")
    caller = Sipp(tmp_path / "caller", Script(*CALLER, "< BYE", "> 200"))
    async with AsyncExitStack() as stack:
        for agent in agents:
            await stack.enter_async_context(agent.answering())
        outcome = await caller.call(server.address(), "help", calls=6, rate=20)
        said = caller.log()
        await until(lambda: not server.left_over(), "the end", then=server.left_over)
    assert (outcome.successful, outcome.failed) == (6, 0), said
    talks = told(server, "bridge-agent-end")
    assert len([one for one in talks if one["CC-Agent-Bridged"] == "true"]) == 6
    center = center_of(server.switch)
    assert not center.members
    assert {agent.state.value for agent in center.agents.values()} == {"Waiting"}
    assert sum(agent.calls_answered for agent in center.agents.values()) == 6
    await nothing_left(server)


@pytest.mark.parametrize("wait", [0, 20, 60, 150, 400, 1200])
async def test_callers_who_leave_at_any_moment_bind_no_agent(
    serve: Serve, tmp_path: Path, wait: int
) -> None:
    agents = [Sipp(tmp_path / name, "uas") for name in ("x", "y")]
    contacts = {
        agent.folder.name: f"sofia/internal/sip:sipp@127.0.0.1:{agent.port}" for agent in agents
    }
    server = await begin(serve, centre(contacts, strategy="round-robin"))
    pause = (f"wait {wait}",) if wait else ()
    caller = Sipp(tmp_path / "caller", Script(*CALLER, *pause, *BYE))
    async with AsyncExitStack() as stack:
        for agent in agents:
            await stack.enter_async_context(agent.answering())
        outcome = await caller.call(server.address(), "help", calls=12, rate=8)
        await until(lambda: not server.left_over(), "the end", then=server.left_over)
    assert (outcome.successful, outcome.failed) == (12, 0), caller.log()
    center = center_of(server.switch)
    assert {agent.state.value for agent in center.agents.values()} == {"Waiting"}
    assert {agent.uuid for agent in center.agents.values()} == {""}
    assert not center.talks
    await nothing_left(server)


async def test_agents_log_in_and_out_by_dialling(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch, AsyncExitStack() as stack:
        alice, bob = [
            await stack.enter_async_context(
                baresip(tmp_path / user, manual(switch, user), says=says)
            )
            for user, says in (("1000", SAYS["1000"]), ("1010", SAYS["1001"]))
        ]
        for phone in (alice, bob):
            await phone.expect_said("200 OK")
        there = f"sip:{{}}@127.0.0.1:{switch.sip_port}"
        await alice.do("dial", there.format("5904"))
        await alice.expect("CALL_ESTABLISHED")
        await bob.do("dial", there.format("5905"))
        await bob.expect("CALL_CLOSED")
        status = "callcenter_config agent get status 1010@127.0.0.1"
        assert await switch.api(status) == "Available"
        await bob.expect("CALL_INCOMING")
        await bob.do("accept")
        await alice.do("hangup")
        bob.events.clear()
        await bob.do("dial", there.format("5906"))
        await bob.expect("CALL_CLOSED")
        assert await switch.api(status) == "Logged Out"
        alice.events.clear()
        bob.events.clear()
        await alice.do("dial", there.format("5904"))
        await alice.expect("CALL_ESTABLISHED")
        await asyncio.sleep(1.0)
        assert not [event for event in bob.events if event["type"] == "CALL_INCOMING"]
        await alice.do("hangup")


def manual(switch: SwitchProcess, user: str) -> str:
    """The account of a phone that is answered by hand."""
    return account(switch, user).replace("answermode=auto", "answermode=manual")
