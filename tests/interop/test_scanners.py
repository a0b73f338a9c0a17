"""sipvicious finds nothing and is shut out; sipsak, which only asks, is answered."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.process import shipped_switch
from tests.support.programs import needs
from tests.support.serving import Serve

TOOLS = Path(sys.executable).parent
sipvicious = pytest.mark.skipif(
    not (TOOLS / "sipvicious_svwar").exists(), reason="sipvicious is not installed"
)


async def run(program: str | Path, *arguments: str) -> tuple[int, str]:
    """Run a program to its end: its exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        str(program),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace")


@sipvicious
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("svmap", ()),
        ("svwar", ("-e1000-1010", "-m", "REGISTER")),
        ("svcrack", ("-u1000", "-r1-50")),
    ],
)
async def test_the_default_configuration_tells_scanners_nothing(
    tmp_path: Path, tool: str, arguments: tuple[str, ...]
) -> None:
    async with shipped_switch(tmp_path) as switch:
        program = TOOLS / f"sipvicious_{tool}"
        _, said = await run(program, *arguments, "-p", str(switch.sip_port), "127.0.0.1")
        assert "found nothing" in said
        assert "127.0.0.1" in await switch.api("sofia bans")


@sipvicious
async def test_users_are_not_found_by_how_they_are_refused(serve: Serve) -> None:
    server = await serve(profile={"drop-scanners": "false", "auth-calls": "true"})
    _, port = server.address()
    for method in ("REGISTER", "INVITE"):
        program = TOOLS / "sipvicious_svwar"
        _, said = await run(program, "-e1002-1005", "-m", method, "-p", str(port), "127.0.0.1")
        # 1002 and 1003 are there, the others are not: it sees no difference.
        assert not re.search(r"\b100[2-5]\b.*reqauth", said), said
    assert not server.sip.guard.bans


@sipvicious
async def test_who_guesses_passwords_under_another_name_is_shut_out(serve: Serve) -> None:
    guessable = {
        "drop-scanners": "false",
        "apply-inbound-acl": "elsewhere",
        "ban-failures": "10",
    }
    server = await serve(profile=guessable)
    _, port = server.address()
    _, said = await run(
        TOOLS / "sipvicious_svcrack", "-u1000", "-r1-60", "-p", str(port), "127.0.0.1"
    )
    assert "found nothing" in said
    assert "127.0.0.1" in server.sip.guard.bans


@needs("sipsak")
async def test_who_only_asks_is_answered(serve: Serve) -> None:
    server = await serve()
    host, port = server.address()
    status, said = await run("sipsak", "-vv", "-s", f"sip:{host}:{port}")
    assert status == 0, said
    assert "SIP/2.0 200 OK" in said
    assert not server.sip.guard.bans
