from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.lcr.endpoint import LcrEndpoint
from softswitch.switch.causes import CallFailed
from tests.modules.lcr.support import configuration, profile
from tests.modules.lcr.test_commands import loaded
from tests.support.switch import bench, extension


async def test_a_dial_string_names_the_carriers_of_a_number(tmp_path: Path) -> None:
    one = extension("1", "bridge lcr/4989")
    file = configuration(profile("plain", enable_sip_redir="true"))
    async with bench(tmp_path, one, configuration=file) as b:
        endpoint = LcrEndpoint(b.switch)
        with pytest.raises(CallFailed, match="mod_lcr is not loaded"):
            await endpoint.expand("4989", None, {})
        await loaded(b)
        b.switch.endpoints["lcr"] = endpoint
        assert await endpoint.expand("plain/4989", None, {"max_rate": "0.3"}) == (
            "test/cheap/0089@c|test/middle/4989"
        )
        for target in ("nosuch/4989", "7", "x"):
            with pytest.raises(CallFailed, match="lcr: "):
                await endpoint.expand(target, None, {})
        b.script("cheap", "ring answer")
        call = b.call("1")
        await b.bridged(call)
        assert call.peer is not None and call.peer.get("lcr_rate") == "0.10000"
        assert call.get("import") == "lcr_carrier,lcr_rate,lcr_user_rate"
