"""The shipped filter, read by fail2ban itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.process import ROOT
from tests.support.programs import needs

pytestmark = needs("fail2ban-regex")

STAMP = "2026-11-27 12:00:00.123456"
PREFIX = f"{STAMP} [WARNING] authentication.py:80"
FAILURE = "SIP auth failure (REGISTER) on sofia profile 'internal' for [1000@a] from ip"
LOG = f"""{PREFIX} {FAILURE} 192.0.2.7
{PREFIX} Can't find user [1999@a] from 192.0.2.8
{STAMP} [DEBUG] authentication.py:70 {FAILURE.replace("failure", "challenge")} 192.0.2.9
{STAMP} [INFO] registrar.py:70 1000@a registered from 192.0.2.9:5060
"""


async def test_failures_are_found_and_challenges_are_not(tmp_path: Path) -> None:
    log = tmp_path / "softswitch.log"
    log.write_text(LOG)
    filter_ = ROOT / "conf" / "fail2ban" / "filter.d" / "softswitch.conf"
    process = await asyncio.create_subprocess_exec(
        "fail2ban-regex", "--out", "ip", str(log), str(filter_), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode().split() == ["192.0.2.7", "192.0.2.8"]
