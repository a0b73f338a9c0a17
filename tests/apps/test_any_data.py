"""No application fails on the data it is given: it says what is wrong, and the call goes on."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch import modules
from tests.commands.test_any_arguments import WORDS
from tests.support.switch import bench

SKIPPED = {"system", "bgsystem", "mkdir", "rename"}
"""What would leave the test's own folder."""


@pytest.mark.parametrize("seed", range(4))
async def test_every_application_bears_whatever_data_it_gets(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    caplog.set_level(logging.ERROR)
    modules.discover()
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1 hangup@3")
        names = [entry.name for entry in registry.application if entry.name not in SKIPPED]
        for number in range(6 * len(names)):
            glue = dice.choice(" |/=,")
            data = glue.join(dice.choice(WORDS) for _ in range(dice.randint(0, 5)))
            session = b.call("none")
            session.actions = [PlannedAction(names[number % len(names)], data)]
            await b.after(20)
            session.hangup()
            await b.ended(session, within=60)
    failed = [record.getMessage() for record in caplog.records if record.exc_info]
    assert not failed, "\n".join(failed)
