"""Event socket programs of others: they log in, run commands, follow and control real calls."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.switch import extension

CLIENTS = Path(__file__).with_name("clients")
# Kept apart from ours: they want other versions of the same libraries.
CLIENT_HOME = Path(__file__).parents[2] / ".venv/clients"
PYTHON = CLIENT_HOME / "bin/python"
NODE_MODULES = CLIENT_HOME / "node_modules"

INBOUND = ("greenswitch_inbound.py", "genesis_inbound.py", "modesl_inbound.cjs", "esl_inbound.mjs")
OUTBOUND = ("greenswitch_outbound.py", "genesis_outbound.py", "modesl_outbound.cjs")


@asynccontextmanager
async def client(
    name: str, *arguments: str, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A client that ends with the block; skips where its library is not installed."""
    library = name.partition("_")[0]
    path = CLIENTS / name
    if name.endswith(".py"):
        if not any(CLIENT_HOME.glob(f"lib/python*/site-packages/{library}")):
            pytest.skip(f"{library} is not installed (scripts/test installs it)")
        command = [str(PYTHON), str(path)]
    else:
        if shutil.which("node") is None or not (NODE_MODULES / library).exists():
            pytest.skip(f"node with {library} is not installed (scripts/test installs it)")
        # Node looks for libraries beside the file that asks for them.
        path = Path(shutil.copy(path, folder))
        if not (folder / "node_modules").exists():
            os.symlink(NODE_MODULES, folder / "node_modules")
        command = ["node", str(path)]
    process = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            _, told = await process.communicate()
            print(told.decode())


def socket_port(server: Server) -> str:
    address = server.switch.modules.running["mod_event_socket"].address  # type: ignore[attr-defined]
    return str(address[1])


async def ended(process: asyncio.subprocess.Process) -> str:
    """What a client printed until its end, which must be a good one."""
    async with asyncio.timeout(60):
        out, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    return out.decode()


@pytest.mark.interop
@pytest.mark.parametrize("name", INBOUND)
async def test_it_logs_in_runs_commands_and_follows_a_call(
    serve: Serve, tmp_path: Path, name: str
) -> None:
    server = await serve(extension("5000", "answer", "sleep 200", "hangup"))
    arguments = (socket_port(server), "only-for-tests", "null/5000 5000")
    async with client(name, *arguments, folder=tmp_path) as program:
        told = json.loads((await ended(program)).strip().splitlines()[-1])
    assert told["status"].startswith("UP 0 years")
    assert told["listening"].startswith("+OK event listener enabled")
    assert told["job"]
    order = [one for one in told["names"] if one in ("CHANNEL_CREATE", "CHANNEL_ANSWER",
             "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY")]  # fmt: skip
    assert order == sorted(order, key=("CHANNEL_CREATE", "CHANNEL_ANSWER",
             "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY").index)  # fmt: skip
    assert set(order) == {
        "CHANNEL_CREATE",
        "CHANNEL_ANSWER",
        "CHANNEL_HANGUP_COMPLETE",
        "CHANNEL_DESTROY",
    }


@pytest.mark.interop
@pytest.mark.parametrize("name", OUTBOUND)
async def test_it_controls_a_call_that_the_dialplan_hands_to_it(
    serve: Serve, tmp_path: Path, name: str
) -> None:
    async with client(name, folder=tmp_path) as program:
        assert program.stdout is not None
        async with asyncio.timeout(PATIENCE):
            port = (await program.stdout.readline()).decode().strip()
        server = await serve(extension("5000", f"socket 127.0.0.1:{port} async full"))
        phone = await server.phone("1000")
        call = phone.call("5000")
        await call.expect_answer()
        uuid = server.sessions[0].uuid
        await call.hear(1004)
        await call.expect_end(20)
        told = json.loads((await ended(program)).strip().splitlines()[-1])
    assert told == {"uuid": uuid, "mode": "async"}
    await until(lambda: not server.sessions, "the end")
