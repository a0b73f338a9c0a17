from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.modules.lcr.support import configuration, make_database, profile
from tests.support.switch import Bench, bench, extension

STAY = "sleep 100000"
FILE = configuration(
    profile("default", id="0", order_by="rate"),
    profile("redirect", enable_sip_redir="true"),
)


async def loaded(b: Bench) -> Bench:
    make_database(b.switch.folders.data / "db/rates.db")
    assert await b.switch.modules.load("mod_lcr") is None
    return b


async def test_without_the_module_nothing_is_found(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, extension("1", "lcr 4930", STAY)) as b:
        for line in ("lcr 4930", "lcr_admin show profiles"):
            assert await b.switch.run_command(line) == "-ERR mod_lcr is not loaded\n"
        call = b.call("1")
        await b.after(0.1)
        assert call.get("lcr_route_count") is None


async def test_the_command_shows_carriers(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=FILE) as b:
        run = (await loaded(b)).switch.run_command
        lines = (await run("lcr 4989")).splitlines()
        assert lines[0].startswith(" | Digit Match | Carrier | Rate     | Codec | CID Regexp")
        assert [line.split("|")[2].strip() for line in lines[1:]] == ["cheap", "middle", "dear"]
        assert "origination_caller_id_number=49777" in await run("lcr 4989 default 777")
        assert await run("lcr 7") == "No Routes To Display\n"
        assert (await run("lcr 4989 default as xml")).startswith("<result>\n")
        assert " | 1999        | dear " in await run("lcr 4989 default 1 lrn 1999")
        assert "intrastate_rate" not in await run("lcr 12125550000 default intrastate")
        assert await run("lcr 4989 nosuch") == "-ERR Unknown profile: nosuch\n"
        assert await run("lcr office") == ("-ERR Error looking up routes: 'office' has no digits\n")
        usage = "USAGE: lcr <digits> [<lcr profile>] [caller_id] [intrastate] [as xml]\n"
        assert await run("lcr") == await run("lcr 1 default as json") == usage


async def test_profiles_are_shown(tmp_path: Path) -> None:
    custom = profile("own", custom_sql="SELECT %q", id="3", export_fields="a,b")
    async with bench(tmp_path, configuration=configuration(profile("default"), custom)) as b:
        run = (await loaded(b)).switch.run_command
        shown = await run("lcr_admin show profiles")
        assert shown.startswith(
            "Name:\t\tdefault\n ID:\t\t0\n order by:\t,  ${lcr_rate_field}\n"
            " has intrastate:\ttrue\n has intralata:\ttrue\n has npanxx:\ttrue\n"
            " Reorder rate:\tdisabled\n"
        )
        assert (
            "Name:\t\town\n custom sql:\tSELECT %q\n has %:\t\ttrue\n has vars:\tfalse\n" in shown
        )
        assert " Import fields:\ta,b\n Limit type:\tdb\n\n" in shown
        assert await run("lcr_admin") == "-ERR lcr_admin show profiles\n"


async def test_the_application_sets_routes(tmp_path: Path) -> None:
    numbers = [
        extension("1", "lcr 4989", STAY),
        extension("2", "set max_rate=0.3", "set import=x", "lcr 4989 redirect", STAY),
        extension("3", "set lcr_auto_route=old", "lcr 4989 nosuch", "lcr", STAY),
        extension("4", "lcr 7", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=FILE) as b:
        await loaded(b)
        first, second, third, fourth = (b.call(number) for number in "1234")
        await b.reached("sleep", first, second, third, fourth)
        assert first.get("lcr_route_count") == "3"
        assert (first.get("lcr_carrier_1"), first.get("lcr_rate_1")) == ("cheap", "0.10000")
        assert first.get("lcr_codec_1") == "PCMU" and first.get("lcr_codec_2") is None
        assert first.get("lcr_route_1") == (
            "[lcr_carrier=cheap,lcr_rate=0.10000,absolute_codec_string=PCMU,"
            "origination_caller_id_number=491000]test/cheap/0089@c"
        )
        assert (first.get("lcr_auto_route") or "").count("|") == 2
        assert first.get("import") == "lcr_carrier,lcr_rate,lcr_user_rate"
        assert first.get("lcr_query_digits") == "4989" and first.get("lcr_rate_field") == "rate"
        assert second.get("lcr_auto_route") == "test/cheap/0089@c,test/middle/4989"
        assert second.get("import") == "x,lcr_carrier,lcr_rate,lcr_user_rate"
        assert third.get("lcr_auto_route") is third.get("lcr_route_count") is None
        assert fourth.get("lcr_route_count") == "0"


async def test_a_call_goes_to_the_next_carrier_when_one_refuses(tmp_path: Path) -> None:
    one = extension("1", "lcr 4989", "bridge ${lcr_auto_route}")
    async with bench(tmp_path, one, configuration=FILE) as b:
        await loaded(b)
        b.script("cheap", "hangup:NORMAL_TEMPORARY_FAILURE")
        b.script("middle", "ring answer")
        call = b.call("1")
        await b.bridged(call)
        assert call.peer is not None and call.peer.channel.name == "test/middle"
        assert call.peer.get("lcr_carrier") == "middle"


@pytest.mark.parametrize(("context", "carrier"), [("default", "middle"), ("other", None)])
async def test_the_dialplan_tries_the_carriers_of_the_contexts_profile(
    tmp_path: Path, context: str, carrier: str | None
) -> None:
    one = extension("1", f"transfer 4989 lcr,XML {context}")
    others = f'<context name="other">{extension("4989", "set landed=xml", STAY)}</context>'
    async with bench(tmp_path, one, configuration=FILE, contexts=others) as b:
        await loaded(b)
        b.script("cheap", "hangup:NORMAL_TEMPORARY_FAILURE")
        b.script("middle", "ring answer")
        call = b.call("1")
        await (b.bridged(call) if carrier else b.reached("sleep", call))
        peer = call.peer
        assert (peer.get("lcr_carrier") if peer is not None else None) == carrier
        assert call.get("landed") == (None if carrier else "xml")
        assert call.get("hangup_after_bridge") == ("true" if carrier else None)
