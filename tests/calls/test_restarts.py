"""kill -9 of the real program: phones, watchers, trunks are there again; a drain loses no call."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path

from softswitch.media.engine import MediaEngine
from softswitch.sip.auth import answer
from tests.support.patience import PATIENCE
from tests.support.process import SwitchProcess, phone_of, shipped_switch
from tests.support.provider import Provider
from tests.support.server import until
from tests.support.sip_socket import SipSocket

GATEWAY = """<include>
<gateway name="provider">
<param name="username" value="trunk"/><param name="password" value="sesame"/>
<param name="proxy" value="127.0.0.1:{port}"/><param name="realm" value="provider.test"/>
</gateway>
</include>"""


def rows(folder: Path, database: str, table: str) -> int:
    """How many rows of a table are on disk."""
    file = folder / "data" / database
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


async def watch(switch: SwitchProcess) -> SipSocket:
    """Subscribe to the calls of 1000 as 1001."""
    wire = await SipSocket.open(("127.0.0.1", switch.sip_port))
    uri = "sip:1000@127.0.0.1"
    headers = (("Event", "dialog"), ("Expires", "600"), ("To", f"<{uri}>"))
    challenge = await wire.ask("SUBSCRIBE", uri, user="1001", headers=headers)
    assert challenge.status == 407
    credentials = answer(
        challenge.headers.all("Proxy-Authenticate"),
        method="SUBSCRIBE",
        uri=uri,
        username="1001",
        password=switch.password,
        cnonce="c",
    )
    headers += (("Proxy-Authorization", credentials),)
    assert (await wire.ask("SUBSCRIBE", uri, user="1001", headers=headers)).status == 200
    await told(wire)
    return wire


async def told(wire: SipSocket) -> str:
    """The body of the next NOTIFY, answered to whoever sent it."""
    notify = await wire.request("NOTIFY")
    host, port = notify.top_via.host, notify.top_via.port or 5060
    wire.server = (host, port)
    wire.respond(notify, 200)
    return notify.body.decode()


async def test_phones_watchers_and_trunks_outlive_a_kill(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with AsyncExitStack() as closing:
        provider = await Provider.open()
        closing.push_async_callback(provider.close)
        trunk = tmp_path / "conf/sip_profiles/external/provider.xml"
        trunk.parent.mkdir(parents=True)
        trunk.write_text(GATEWAY.format(port=provider.address[1]))
        async with shipped_switch(tmp_path) as switch:
            phone = await phone_of(engine, switch)
            closing.push_async_callback(phone.close)
            await phone.register()
            wire = await watch(switch)
            closing.callback(wire.close)
            await until(lambda: provider.contact != "", "the trunk", PATIENCE)
            await until(lambda: all_kept(tmp_path), "what is to be read back", PATIENCE)
            switch.process.kill()
            await switch.process.wait()
        known = provider.contact
        async with shipped_switch(tmp_path) as switch:
            await until(lambda: provider.contact != known, "the trunk again", PATIENCE)
            listed = await switch.api("sofia status profile internal reg")
            assert "Total items returned: 1" in listed and "1000@127.0.0.1" in listed
            ringing = asyncio.get_running_loop().create_task(
                switch.api("originate user/1000 &park()")
            )
            call = await phone.expect_call()
            call.ring()
            async with asyncio.timeout(PATIENCE):
                while "<state>early</state>" not in (body := await told(wire)):
                    assert "<state>confirmed" not in body
            call.reject()
            assert (await ringing).startswith("-ERR USER_BUSY")
            assert "REGED" in await switch.api("sofia status gateway provider")


def all_kept(folder: Path) -> bool:
    """Whether the registration and the watcher are on disk."""
    return (
        rows(folder, "registrations.db", "registration") == 1
        and rows(folder, "presence.db", "watcher") == 1
    )


async def test_a_drain_refuses_new_calls_and_keeps_those_that_stand(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with AsyncExitStack() as closing, shipped_switch(tmp_path) as switch:
        phone = await phone_of(engine, switch)
        closing.push_async_callback(phone.close)
        call = phone.call("9196")
        await call.expect_answer()
        await call.play("tone_stream://%(100000,0,440);loops=-1")
        await call.hear(440)
        assert await switch.api("fsctl shutdown asap") == "+OK\n"
        refused = phone.call("9196")
        assert await refused.expect_end() == 503
        await call.hear(440)
        assert switch.process.returncode is None
        call.hangup()
        async with asyncio.timeout(PATIENCE):
            assert await switch.process.wait() == 0
