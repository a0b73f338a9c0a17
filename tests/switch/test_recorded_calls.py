"""Calls through FreeSWITCH's own dialplan execute what they did on a real FreeSWITCH."""

from __future__ import annotations

import asyncio
import json
import re
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.config.store import ConfigurationStore
from softswitch.endpoints.error import ErrorEndpoint
from softswitch.endpoints.group import GroupEndpoint
from softswitch.endpoints.loopback import LoopbackEndpoint
from softswitch.endpoints.sip.endpoint import SipEndpoint
from softswitch.endpoints.user import UserEndpoint
from softswitch.media.engine import MediaEngine
from softswitch.switch import modules
from softswitch.switch.caller import CallerProfile
from softswitch.switch.channel import Channel
from softswitch.switch.events import Event
from softswitch.switch.folders import Folders
from softswitch.switch.states import Direction
from softswitch.switch.switch import Switch
from tests.support.engine import FakeEngine
from tests.support.leg import ScriptedLeg

SHARED = Path(__file__).resolve().parents[2] / "../shared"
ANSWERS = SHARED / "reference/freeswitch/recorded/answers.json"
VANILLA = SHARED / "data/freeswitch-vanilla"
pytestmark = pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded answers are not here")
CLOSED = datetime(2026, 8, 23, 20, 0)
"""A Sunday evening, as when the calls were recorded."""
RECORDED_SECONDS = 3.0
VARIES = {"<uuid>": r"[0-9a-f-]{36}", "<date>": ".+", "<time>": ".+", "<dir>": ".+"}

pytestmark = pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded calls are not at hand")

NOT_HERE = {
    "rxfax": "there is no fax",
    "txfax": "there is no fax",
}
"""Applications that a recorded call executes and softswitch does not have: it ends there."""


def recorded() -> dict[str, list[list[str]]]:
    if not ANSWERS.exists():
        return {}
    calls: dict[str, list[list[str]]] = json.loads(ANSWERS.read_text())["calls"]
    return calls


@asynccontextmanager
async def vanilla(folder: Path) -> AsyncIterator[Switch]:
    for package in ("apps", "commands", "endpoints", "media.formats"):
        registry.discover(f"softswitch.{package}")
    modules.discover()
    loop = asyncio.get_running_loop()
    _make_sound(folder / "sounds/en/us/callie/ivr/ivr-hold_connect_call.wav")
    known = {"local_ip_v4": "127.0.0.1", "data_dir": str(folder), "conf_dir": str(VANILLA)}
    known |= {"recordings_dir": str(folder / "recordings"), "sounds_dir": str(folder / "sounds")}
    began = round(CLOSED.timestamp() * 1_000_000) - round(loop.time() * 1_000_000)
    switch = Switch(
        loop,
        ConfigurationStore(VANILLA, known),
        MediaEngine(loop, FakeEngine(loop)),
        Folders(VANILLA, folder, folder),
        clock_us=lambda: began + round(loop.time() * 1_000_000),
    )
    # The recorded machine's owner had changed the default password.
    switch.globals["default_password"] = "x"
    switch.endpoints = {
        "error": ErrorEndpoint(switch),
        "group": GroupEndpoint(switch),
        "loopback": LoopbackEndpoint(switch),
        "sofia": SipEndpoint(switch),
        "user": UserEndpoint(switch),
    }
    try:
        yield switch
    finally:
        await switch.shutdown()


def _make_sound(path: Path) -> None:
    """A prompt that is still playing when the recording ends."""
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * 4))


async def executed(switch: Switch, context: str, number: str) -> list[tuple[str, str]]:
    """What a caller's leg executes in the time of a recording."""
    profile = CallerProfile(
        destination_number=number,
        caller_id_name="Extension 1000",
        caller_id_number="1000",
        context=context,
        source="mod_loopback",
    )
    leg = ScriptedLeg(switch)
    channel = Channel(
        switch.new_uuid(),
        "loopback/1000",
        Direction.INBOUND,
        profile,
        switch.now_us(),
        switch.watch,
    )
    channel.variables.set("domain_name", "127.0.0.1")
    session = switch.new_session(channel, leg)
    done: list[tuple[str, str]] = []

    def watch(event: Event) -> None:
        if event.headers.get("Unique-ID") == session.uuid:
            headers = event.headers
            done.append((headers.get("Application", ""), headers.get("Application-Data", "")))

    switch.bus.subscribe(watch, "CHANNEL_EXECUTE")
    switch.start(session)
    await asyncio.sleep(RECORDED_SECONDS)
    session.hangup()
    return done


def _fits(expected: list[str], done: tuple[str, str]) -> bool:
    pattern = re.escape(expected[1])
    for word, meaning in VARIES.items():
        pattern = pattern.replace(re.escape(word), meaning)
    return expected[0] == done[0] and re.fullmatch(pattern, done[1], re.DOTALL) is not None


@pytest.mark.slow
@pytest.mark.parametrize("dialled", recorded())
async def test_a_call_executes_what_was_recorded(dialled: str, tmp_path: Path) -> None:
    context, _, number = dialled.partition("/")
    async with vanilla(tmp_path) as switch:
        done = await executed(switch, context, number)
    expected = recorded()[dialled]
    for at, action in enumerate(expected):
        if action[0] in NOT_HERE:
            assert len(done) <= at + 1, f"behind {action[0]}: {done[at:]}"
            return
        assert at < len(done), f"{action} did not come; there were {done}"
        assert _fits(action, done[at]), f"{done[at]} came instead of {action}"
    assert len(done) == len(expected), f"more came: {done[len(expected) :]}"


def test_every_exception_is_about_a_recorded_call_and_still_holds() -> None:
    registry.discover("softswitch.apps")
    modules.discover()
    used = {action[0] for actions in recorded().values() for action in actions}
    assert NOT_HERE.keys() <= used
    assert [name for name in NOT_HERE if name in registry.application] == []
