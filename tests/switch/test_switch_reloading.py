"""Reloads while calls come: whatever the order, no call is lost and no generation mixed."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.switch.session import Session
from tests.support.loop import VirtualTimeLoop
from tests.support.switch import DOCUMENT, Bench, bench

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(0, 40)),
        st.tuples(st.just("reload"), st.just(0)),
        st.tuples(st.just("break"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 60)),
    ),
    min_size=3,
    max_size=24,
)
"""What happens: calls that last so long, whole and broken reloads, time; in hundredths."""


def _dialplan(number: int) -> str:
    """Each extension sets what generation it is of; the hunt waits in between."""
    marks = "".join(
        f'<extension name="{name}" continue="true"><condition field="${{msleep(20)}}" '
        f'expression=""><action application="set" data="{name}={number}"/>'
        "</condition></extension>"
        for name in ("first", "second", "third")
    )
    return (
        f'<context name="default">{marks}<extension name="last"><condition>'
        f'<action application="sleep" data="${{stay}}0"/>'
        '<action application="execute_extension" data="again XML other"/>'
        "</condition></extension></context>"
        f'<context name="other"><extension name="a" continue="true"><condition field='
        f'"${{msleep(20)}}" expression=""><action application="set" data="again_a={number}"/>'
        '</condition></extension><extension name="b"><condition>'
        f'<action application="set" data="again_b={number}"/></condition></extension></context>'
    )


def _write(running: Bench, number: int, broken: bool) -> None:
    directory = (
        f'<domain name="d"><variables><variable name="generation" value="{number}"/></variables>'
        '<user id="1000"/></domain>'
    )
    text = DOCUMENT.format(
        configuration="", dialplan=_dialplan(number), directory=directory, languages=""
    )
    if broken:
        text = text.replace("</document>", "")
    (running.switch.folders.conf / "freeswitch.xml").write_text(text)


def _is_whole(running: Bench) -> bool:
    """Whether everything the switch looks things up in is of one configuration."""
    generation = running.switch.generation
    user = generation.directory.user("1000", "d")
    context = generation.dialplan.find("default")
    assert user is not None
    assert context is not None
    of_dialplan = context.extensions[0].conditions[0].actions[0].data.partition("=")[2]
    return (
        generation.configuration is running.switch.configuration.current
        and user.variables["generation"] == of_dialplan
    )


async def _play(folder: Path, steps: list[tuple[str, int]]) -> None:
    async with bench(folder) as running:
        _write(running, 1, broken=False)
        await running.switch.reload()
        written, calls, reloads = 1, list[Session](), list[asyncio.Task[object]]()
        for what, amount in steps:
            if what == "call":
                calls.append(running.call("1", variables={"stay": str(amount)}))
            elif what == "wait":
                await running.after(amount / 100)
            else:
                # The file is as a reload finds it when its turn comes: one after the other.
                await asyncio.gather(*reloads)
                written += what == "reload"
                _write(running, written, broken=what == "break")
                reloads.append(running.switch.loop.create_task(running.switch.reload()))
            assert _is_whole(running)
        await asyncio.gather(*reloads)
        assert _is_whole(running)
        for session in calls:
            await running.ended(session)
            _assert_unmixed(session, written)


def _assert_unmixed(session: Session, written: int) -> None:
    values = [session.get(name) for name in ("first", "second", "third")]
    assert len(set(values)) == 1, f"one hunt saw several generations: {values}"
    assert session.get("again_a") == session.get("again_b")
    assert session.channel.hangup_cause is not None
    assert session.channel.hangup_cause.name == "NORMAL_CLEARING"
    before, after = int(values[0] or 0), int(session.get("again_a") or 0)
    assert 1 <= before <= after <= written


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_a_reload_under_calls_loses_none_and_mixes_nothing(steps: list[tuple[str, int]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        runner.run(_play(Path(folder), steps))
