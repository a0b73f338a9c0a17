"""The console answers as a real FreeSWITCH with its vanilla configuration did."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from softswitch.switch.folders import Folders
from softswitch.switch.switch import Switch
from tests.support.engine import FakeEngine

SHARED = Path(__file__).resolve().parents[2] / "../shared"
ANSWERS = SHARED / "reference/freeswitch/recorded/answers.json"
VANILLA = SHARED / "data/freeswitch-vanilla"
pytestmark = pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded answers are not here")

NOT_HERE = {
    "conference": "its module is not loaded; it lists the verbs of rooms that have no video",
    "sofia": "profiles need sockets; tested with the SIP endpoint",
}
"""Commands that are not answered here, and why."""

DIFFERENT = {
    "console_complete sofia st": "names a word once that FreeSWITCH names twice",
    "originate sofia/internal/1@127.0.0.1:1 &park()": "needs a socket; see the tests of calls",
    "show endpoint": "lists what is there: softswitch has no fax modem and no RTP endpoint",
    "show say": "softswitch speaks German too",
    "show tasks": "softswitch needs no clean-up task of its own",
    "status nosucharg": "names softswitch and its own figures; its shape is tested in test_status",
    "time_test 1": "measured times differ",
    "xml_locate dialplan": "the same elements, laid out differently",
}
"""Answers that are not FreeSWITCH's, and why."""

FIRST = {"global_getvar x1": "global_setvar x1=y1"}
"""What must have been said before."""


def recorded() -> dict[str, str]:
    answers: dict[str, str] = json.loads(ANSWERS.read_text())["api"]
    return answers


@asynccontextmanager
async def vanilla(folder: Path) -> AsyncIterator[Switch]:
    """A switch with FreeSWITCH's own configuration, at 127.0.0.1."""
    for package in ("apps", "commands", "endpoints"):
        registry.discover(f"softswitch.{package}")
    loop = asyncio.get_running_loop()
    known = {"local_ip_v4": "127.0.0.1", "data_dir": str(folder), "conf_dir": str(VANILLA)}
    switch = Switch(
        loop,
        ConfigurationStore(VANILLA, known),
        MediaEngine(loop, FakeEngine(loop)),
        Folders(VANILLA, folder, folder),
    )
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


def comparable(text: str) -> str:
    return re.sub(r"[ \t]+\n", "\n", text).strip()


@pytest.mark.slow
@pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded answers are not at hand")
async def test_commands_answer_as_recorded(tmp_path: Path) -> None:
    wrong = []
    async with vanilla(tmp_path) as switch:
        for line, expected in recorded().items():
            if line.partition(" ")[0] in NOT_HERE or line in DIFFERENT:
                continue
            if line in FIRST:
                await switch.run_command(FIRST[line])
            answer = comparable(await switch.run_command(line)) or "-ERR no reply"
            if answer != comparable(expected):
                wrong.append(f"{line}\n   recorded {expected!r}\n   answered {answer!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded answers are not at hand")
def test_every_exception_is_about_a_recorded_answer() -> None:
    lines = recorded()
    assert not DIFFERENT.keys() - lines.keys()
    assert not FIRST.keys() - lines.keys()
    assert NOT_HERE.keys() <= {line.partition(" ")[0] for line in lines}
