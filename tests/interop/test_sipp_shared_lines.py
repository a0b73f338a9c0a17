"""SIPp as two phones of one line: one watches what the other does with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.test_sipp_dialogs import nothing_left
from tests.support.programs import needs
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.sipp_script import Script

pytestmark = [needs("sipp"), pytest.mark.slow]

INFO, SEIZE = "Event: call-info", "Event: line-seize"
FIRST = "Call-Info: <sip:example.test>;appearance-index=1"
REST = ",<sip:example.test>;appearance-index=\\*;appearance-state=idle"


def shows(state: str) -> tuple[str, str]:
    """A NOTIFY that tells that of the first appearance, and its answer."""
    told = f"Call-Info: .*{FIRST[11:]};appearance-state={state}.*{REST}"
    return f"< NOTIFY | {INFO} | {told}", "> 200"


async def test_a_phone_sees_what_another_does_with_the_line(serve: Serve, tmp_path: Path) -> None:
    watcher = Sipp(
        tmp_path / "watcher",
        Script(
            f"> SUBSCRIBE | {INFO} | Expires: 600",
            *("< 200", f"< NOTIFY | {INFO} | Call-Info: ^ *{REST[1:]}", "> 200"),
            *shows("seized"),
            *(f"< NOTIFY | Call-Info: ^ *{REST[1:]}", "> 200"),
            *(f"> SUBSCRIBE | {INFO} | Expires: 0", "< 200"),
            *("< NOTIFY | Subscription-State: terminated", "> 200"),
        ),
    )
    seizer = Sipp(
        tmp_path / "seizer",
        Script(
            f"> SUBSCRIBE | {SEIZE} | Expires: 15 | {FIRST}",
            *("< 200 | Expires: .*15", f"< NOTIFY | {SEIZE} | {FIRST}$", "> 200", "wait 300"),
            *(f"> SUBSCRIBE | {SEIZE} | Expires: 0 | {FIRST}", "< 200"),
            *("< NOTIFY | Subscription-State: terminated", "> 200"),
        ),
    )
    server = await serve(profile={"manage-shared-appearance": "true"})
    watching = asyncio.get_running_loop().create_task(
        watcher.call(server.address(), "1000", calls=1, rate=20)
    )
    await until(lambda: bool(server.switch.presence.watched), "a watcher", then=watcher.log)
    outcome = await seizer.call(server.address(), "1000", calls=1, rate=20)
    assert outcome.successful == 1, seizer.log()
    assert (await watching).successful == 1, watcher.log()
    await nothing_left(server)
