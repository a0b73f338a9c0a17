"""The switch as a library: what docs/extending.md shows, and what goes wrong."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.db.lock import InUse
from softswitch.embedding import NotStarted, running
from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.phone.phone import Phone
from tests.support.ports import FIRST_MEDIA_PORT
from tests.support.server import DOMAIN, write_configuration

PAGE = Path(__file__).parents[1] / "docs/extending.md"
ECHO = """<extension name="echo"><condition field="destination_number" expression="^9196$">
<action application="answer"/><action application="echo"/></condition></extension>"""


def program() -> str:
    """The example on the page."""
    [found] = [
        block
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if "softswitch.embedding" in block
    ]
    return found


@pytest.mark.slow
async def test_the_program_of_the_page_answers_a_call_and_ends(tmp_path: Path) -> None:
    write_configuration(tmp_path, (ECHO,))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", program()),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    engine = MediaEngine(
        asyncio.get_running_loop(),
        Engine(rtp_start_port=FIRST_MEDIA_PORT + 500, rtp_end_port=FIRST_MEDIA_PORT + 999),
    )
    try:
        async with asyncio.timeout(60):
            while not (
                port := re.search(
                    rb"internal\s.*@[\d.]+:(\d+)", line := await process.stdout.readline()
                )
            ):
                assert line, await process.communicate()
            phone = await Phone.open(
                engine,
                ("127.0.0.1", int(port[1])),
                user="1000",
                password="secret-1000",
                domain=DOMAIN,
            )
            call = phone.call("9196")
            await call.expect_answer()
            call.hangup()
            _, told = await process.communicate()
            await phone.close()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        engine.close()
    assert process.returncode == 0, told.decode()[-400:]
    assert told == b""


async def test_a_switch_runs_as_long_as_its_block_and_frees_what_it_took(tmp_path: Path) -> None:
    conf = write_configuration(tmp_path, (ECHO,))
    for _ in range(2):
        async with running(conf, tmp_path / "data") as switch:
            assert "internal" in await switch.run_command("sofia status")
            port = switch.endpoints["sofia"].profiles["internal"].sip_port
            assert (await switch.run_command("originate loopback/9196 &park")).startswith("+OK")
        assert not switch.sessions
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", port))


async def test_two_do_not_share_a_data_folder(tmp_path: Path) -> None:
    conf = write_configuration(tmp_path)
    async with running(conf, tmp_path / "data"):
        with pytest.raises(InUse):
            await running(conf, tmp_path / "data").__aenter__()


async def test_a_profile_that_does_not_come_up_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        profile = {"sip-port": str(taken.getsockname()[1]), "bind-attempts": "1"}
        conf = write_configuration(tmp_path, profile=profile)
        with pytest.raises(NotStarted, match="internal"):
            await running(conf, tmp_path / "data").__aenter__()


async def test_a_broken_configuration_is_told_with_its_place(tmp_path: Path) -> None:
    conf = write_configuration(tmp_path)
    (conf / "softswitch.xml").write_text("<document\n")
    with pytest.raises(ConfigurationErrors, match=r"softswitch\.xml:"):
        await running(conf, tmp_path / "data").__aenter__()
    write_configuration(tmp_path)
    async with running(conf, tmp_path / "data") as switch:
        assert not switch.sessions
