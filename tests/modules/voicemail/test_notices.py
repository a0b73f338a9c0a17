from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.store import Counts
from tests.modules.voicemail.support import DOMAIN, office, params


@pytest.mark.parametrize(
    ("full", "counts", "waiting", "summary"),
    [
        ("false", Counts(2, 1, 1, 0), "yes", "2/1"),
        ("true", Counts(2, 1, 1, 0), "yes", "2/1 (1/0)"),
        ("false", Counts(0, 5), "no", "0/5"),
    ],
)
async def test_the_lamp_has_the_headers_of_freeswitch(
    tmp_path: Path, full: str, counts: Counts, waiting: str, summary: str
) -> None:
    async with office(tmp_path, settings=params(send_full_vm_header=full)) as o:
        assert notices.waiting(await o.box(), counts) == {
            "MWI-Messages-Waiting": waiting,
            "MWI-Message-Account": f"1000@{DOMAIN}",
            "MWI-Voice-Message": summary,
        }


async def test_an_update_tells_its_reason_and_the_totals(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a", urgency="A_URGENT")
        await notices.update(o.bench.switch, await o.box(), "PURGE")
        assert o.waiting == ["yes 1/0 PURGE"]
        (event,) = o.events("mwi-update")
        assert event["VM-Total-New-Urgent"] == "1"
        assert event["VM-Total-Saved"] == "0"
