"""No command fails on what somebody typed: it answers, in text of its own."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.switch import modules
from tests.support.switch import bench

SKIPPED = {"reloadcert", "shutdown", "fsctl", "msleep", "system", "bg_system", "stun", "time_test"}
"""What would wait, stop the switch, ask the network or need SIP."""
WORDS = """a 1 -1 0 99999999999999999999 | a|b a|b|c = a=b ${x} $1 % %[ [ ] ( ) { } ~ ^^ ^^: ^^:a:b
1000@example.test 1000 @ id 127.0.0.1 ::1 default rfc1918.auto \\ \\n " ' 'a é \x00 / a/b/c
insert/a/b + +5 @5 none all hash db json xml as like count & &park() error/x loopback/9196
{a=b} m:~ m: ? : == uuid: -both -bleg 1.5 nan inf 1e400 🎉 call:g insert:g:u""".split()
WORDS += ["", "x" * 300]


@pytest.mark.parametrize("seed", range(4))
async def test_every_command_answers_whatever_it_is_told(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    failed = []
    modules.discover()
    async with bench(tmp_path) as b:
        logging.disable(logging.CRITICAL)
        try:
            names = [
                entry.name
                for entry in registry.command
                if entry.name not in SKIPPED and entry.module != "mod_sofia"
            ]
            for number in range(2000):
                glue = dice.choice(" |/=,")
                words = glue.join(dice.choice(WORDS) for _ in range(dice.randint(0, 5)))
                line = f"{names[number % len(names)]} {words}"
                async with asyncio.timeout(60):
                    answer = await b.switch.run_command(line)
                if re.match(r"-ERR \w*(Error|Exception|Timeout|Warning)\b", answer):
                    failed.append(f"{line!r}: {answer}")
        finally:
            logging.disable(logging.NOTSET)
    assert not failed, "\n".join(failed)
