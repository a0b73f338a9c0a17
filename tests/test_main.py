"""Starting, reporting and stopping the whole program."""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.config.store import ConfigurationStore
from softswitch.main import banner, make_switch, run, start
from softswitch.switch.folders import Folders
from softswitch.switch.switch import Switch
from tests.support.patience import PATIENCE
from tests.support.server import DOMAIN, write_configuration

MODULES = """<configuration name="modules.conf"><modules><load module="mod_dptools"/>
<load module="mod_of_somebody_else"/></modules></configuration>"""


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    conf = write_configuration(tmp_path, configuration=MODULES)
    store = ConfigurationStore(conf, {"data_dir": str(tmp_path), "domain": DOMAIN})
    made = make_switch(
        asyncio.get_running_loop(), store, Folders(conf, tmp_path, tmp_path / "sounds")
    )
    yield made
    await made.shutdown()


async def test_a_switch_has_every_endpoint_once(switch: Switch) -> None:
    assert {"sofia", "user", "group", "error", "loopback"} <= set(switch.endpoints)
    assert len({id(made) for made in switch.endpoints.values()}) == len(
        {type(made) for made in switch.endpoints.values()}
    )


async def test_a_module_that_is_not_known_is_told_once_with_its_place(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    await start(switch)
    told = [r.getMessage() for r in caplog.records if "mod_of_somebody_else" in r.getMessage()]
    assert len(told) == 1
    assert re.match(r".*softswitch\.xml:\d+:\d+: L806 module mod_of_somebody_else", told[0])


@pytest.mark.parametrize("wished", [0, 5])
def test_the_loop_goes_before_usual_programs_but_what_it_starts_does_not(wished: int) -> None:
    program = """
import os, subprocess, threading
from softswitch.main import NICENESS, go_first
before = os.getpriority(os.PRIO_PROCESS, 0)
seen = []
granted = go_first()
thread = threading.Thread(target=lambda: seen.append(os.getpriority(os.PRIO_PROCESS, 0)))
thread.start()
thread.join()
own = os.getpriority(os.PRIO_PROCESS, 0)
child = int(subprocess.run(["nice"], capture_output=True, check=True).stdout)
if granted:
    assert own == min(before, NICENESS), own
    assert before <= 0 == seen[0] == child, (before, seen, child)
else:
    assert before == own == seen[0] == child, (before, own, seen, child)
"""
    # In a process of its own: the priority of the tests must stay.
    command = ["nice", "-n", str(wished), sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_what_was_started_is_told_to_the_operator(switch: Switch) -> None:
    told: list[str] = []
    switch.bus.subscribe(lambda event: told.append(event.name), "STARTUP", "MODULE_LOAD")
    problems = await start(switch)
    assert problems == []
    assert told[-1] == "STARTUP"
    assert "mod_event_socket" in switch.modules.running
    text = banner(switch, 0.5, ["module x: it is broken"])
    assert "is up after 0.50 s" in text
    assert "SIP internal   127.0.0.1:" in text
    assert "console        127.0.0.1:" in text
    assert f"users          1000 to 1003 at {DOMAIN}" in text
    assert text.endswith("PROBLEM        module x: it is broken")


async def test_the_operator_is_told_only_numbers_that_are_there(tmp_path: Path) -> None:
    def extension(expression: str, application: str) -> str:
        return f"""<extension name="{application}">
            <condition field="destination_number" expression="{expression}">
            <action application="{application}"/></condition></extension>"""

    voicemail, parking = extension(r"^vmain$|^\*98$", "voicemail"), extension("^9196$", "park")
    conf = write_configuration(tmp_path, (voicemail, parking, extension("^50(", "ivr")))
    store = ConfigurationStore(conf, {"data_dir": str(tmp_path), "domain": DOMAIN})
    switch = make_switch(
        asyncio.get_running_loop(), store, Folders(conf, tmp_path, tmp_path / "sounds")
    )
    try:
        await start(switch)
        told = banner(switch, 1, []).splitlines()
        assert "  dial           *98 voicemail, another user's number" in told
    finally:
        await switch.shutdown()


async def test_what_cannot_run_is_told_and_the_rest_runs(tmp_path: Path) -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    profile = {"sip-port": str(taken.getsockname()[1]), "bind-attempts": "1"}
    conf = write_configuration(tmp_path, profile=profile)
    store = ConfigurationStore(conf, {"data_dir": str(tmp_path), "domain": DOMAIN})
    switch = make_switch(
        asyncio.get_running_loop(), store, Folders(conf, tmp_path, tmp_path / "sounds")
    )
    try:
        [problem] = await start(switch)
        assert "internal" in problem
        assert "mod_event_socket" in switch.modules.running
    finally:
        await switch.shutdown()
        taken.close()


@pytest.mark.parametrize("text", [None, "<document", '<document type="freeswitch/xml"></document'])
def test_a_configuration_that_cannot_be_used_is_refused_with_its_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    if text is not None:
        (conf / "freeswitch.xml").write_text(text)
    assert run(conf, tmp_path / "data") == 1
    told = capsys.readouterr().err
    assert str(conf) in told
    assert "Traceback" not in told


def test_a_data_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(write_configuration(tmp_path), tmp_path / "file/data") == 1
    assert "softswitch cannot start" in capsys.readouterr().err


async def begin(folder: Path, *options: str) -> asyncio.subprocess.Process:
    """The program itself, once it has said that it is up."""
    conf = write_configuration(folder)
    arguments = ["run", "--conf", str(conf), "--data", str(folder / "data"), *options]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "softswitch", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    while b"passwords" not in (line := await process.stdout.readline()):
        assert line, await process.communicate()
    return process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_program_in_order(tmp_path: Path, number: signal.Signals) -> None:
    process = await begin(tmp_path)
    process.send_signal(number)
    _, told = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
    assert b"Traceback" not in told


@pytest.mark.slow
async def test_commands_are_typed_and_a_signal_reloads(tmp_path: Path) -> None:
    process = await begin(tmp_path, "--console", "--log-level", "warning")
    assert process.stdin is not None and process.stdout is not None
    assert process.stderr is not None
    (tmp_path / "conf/softswitch.xml").write_text("<broken")
    process.send_signal(signal.SIGHUP)
    assert b"softswitch.xml" in await asyncio.wait_for(process.stderr.readline(), PATIENCE)
    process.stdin.write(b"\neval it ${lives\n" + b"eval it lives\nfsctl shutdown\n")
    out, told = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert b"it lives" in out
    assert process.returncode == 0
    assert b"Traceback" not in told


@pytest.mark.slow
async def test_what_the_program_has_is_shown_before_anybody_used_it(tmp_path: Path) -> None:
    process = await begin(tmp_path, "--console")
    out, _ = await asyncio.wait_for(process.communicate(b"show codec\nfsctl shutdown\n"), PATIENCE)
    assert b"codec,G.711 ulaw,CORE_PCM_MODULE" in out


@pytest.mark.slow
async def test_at_a_terminal_the_console_is_as_any_other_and_leaves_it_as_it_was(
    tmp_path: Path,
) -> None:
    master, terminal = os.openpty()
    before = termios.tcgetattr(terminal)
    arguments = ["--conf", str(write_configuration(tmp_path)), "--data", str(tmp_path / "data")]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "softswitch", "run", *arguments, "--console"),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm"},
    )
    try:
        _type(master, "", until="Connected to")
        _type(master, "/log warning\r", until="console log level set to WARNING")
        _type(master, "/quit\r", until="shutdown, or ..., stops it")
        _type(master, "...\r", until="+OK")
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(master)
        os.close(terminal)


def _type(terminal: int, text: str, *, until: str) -> None:
    os.write(terminal, text.encode())
    shown = b""
    while until.encode() not in shown:
        assert select.select([terminal], [], [], PATIENCE)[0], shown
        data = os.read(terminal, 65536)
        shown += data
        if b"\x1b[6n" in data:
            os.write(terminal, b"\x1b[1;1R")
