from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.modules.enum.module import Enum
from tests.support.name_server import NameServer, name_server
from tests.support.switch import DOCUMENT, Bench, bench

NAME = "3.2.1.0.3.9.4.e164.test."
ZONE = (
    f'{NAME} 60 IN NAPTR 100 20 "u" "E2U+sip" "!^.*$!sip:late@b.test!" .',
    f'{NAME} 60 IN NAPTR 100 10 "u" "E2U+sip" "!^\\\\+49(.*)$!sip:\\\\1@a.test!" .',
    f'{NAME} 60 IN NAPTR 100 10 "u" "E2U+SIP" "!^.*$!sip:also@a.test!" .',
    f'{NAME} 60 IN NAPTR 50 1 "u" "E2U+email:mailto" "!^.*$!mailto:a@b.test!" .',
    '2.1.256.isn.test. 60 IN NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:isn@c.test!" .',
)
ROUTES = (
    '<routes><route service="E2U+SIP" regex="sip:(.*)" replace="test/${use_profile}/$1"/></routes>'
)


def configuration(server: NameServer, more: str = "") -> str:
    host, port = server.address
    return (
        '<configuration name="enum.conf"><settings>'
        '<param name="default-root" value="e164.test"/>'
        '<param name="default-isn-root" value="isn.test"/>'
        '<param name="query-timeout-ms" value="2000"/>'
        '<param name="query-timeout-retry" value="1"/>'
        f'<param name="nameserver" value="{host}:{port}"/>{more}</settings>{ROUTES}'
        "</configuration>"
    )


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    registry.discover("softswitch.modules")
    async with name_server(*ZONE) as running:
        yield running


async def loaded(b: Bench) -> Enum:
    assert await b.switch.modules.load("mod_enum") is None
    b.switch.globals["use_profile"] = "out"
    module = b.switch.modules.running["mod_enum"]
    assert isinstance(module, Enum)
    return module


async def test_a_number_is_looked_up_best_first(tmp_path: Path, server: NameServer) -> None:
    async with bench(tmp_path, configuration=configuration(server)) as b:
        enum = await loaded(b)
        found = await enum.look_up("4930123")
        assert [(offer.order, offer.preference, offer.route) for offer in found] == [
            (50, 1, "mailto:a@b.test"),
            (100, 10, "test/out/also@a.test"),
            (100, 10, "test/out/30123@a.test"),
            (100, 20, "test/out/late@b.test"),
        ]
        assert [offer.route for offer in await enum.look_up("12*256")] == ["test/out/isn@c.test"]
        assert await enum.look_up("99") == await enum.look_up("nobody") == []
        assert await enum.look_up("4930123", "other.test") == []


async def test_others_may_be_asked(tmp_path: Path, server: NameServer) -> None:
    zone = f'{NAME} 60 IN NAPTR 1 1 "u" "E2U+sip" "!^.*$!sip:other@x.test!" .'
    async with (
        name_server(zone) as other,
        bench(tmp_path, configuration=configuration(server)) as b,
    ):
        enum = await loaded(b)
        at = f"nonsense,{other.address[0]}:{other.address[1]}"
        (offer,) = await enum.look_up("4930123", nameservers=at)
        assert offer.route == "test/out/other@x.test"
        assert len(await enum.look_up("4930123")) == 4
        b.switch.globals["enum-server"] = at
        assert await enum.look_up("4930123") == [offer]


async def test_a_silent_name_server_is_no_route(tmp_path: Path, server: NameServer) -> None:
    server.silent = True
    async with bench(tmp_path, configuration=configuration(server)) as b:
        assert await (await loaded(b)).look_up("4930123") == []


@pytest.mark.parametrize("auto_reload", ["true", "false"])
async def test_the_file_is_taken_anew_if_it_says_so(
    tmp_path: Path, server: NameServer, auto_reload: str
) -> None:
    more = f'<param name="auto-reload" value="{auto_reload}"/>'
    async with bench(tmp_path, configuration=configuration(server, more)) as b:
        enum = await loaded(b)
        changed = configuration(server, more).replace("test/$", "new/$")
        text = DOCUMENT.format(configuration=changed, dialplan="", directory="", languages="")
        (tmp_path / "conf/freeswitch.xml").write_text(text)
        assert (await b.switch.run_command("reloadxml")).startswith("+OK")
        await b.after(0.05)
        b.switch.globals["use_profile"] = "out"
        (offer,) = await enum.look_up("12*256")
        assert offer.route.startswith("new/") is (auto_reload == "true")
        await enum.load()
        (offer,) = await enum.look_up("12*256")
        assert offer.route == "new/out/isn@c.test"
        assert await b.switch.modules.unload("mod_enum") is None


async def test_it_starts_without_its_file(tmp_path: Path, server: NameServer) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.modules.load("mod_enum") is None
