from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import modules
from softswitch.switch.causes import HangupCause
from tests.modules.voicemail.support import DOMAIN, office
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "voicemail: [check] [auth|auth_only] <profile> <domain> [<id>] [uuid] wanted"),
        ("default", "wanted, not 'default'"),
        (f"default {DOMAIN}", "wanted, not 'default example.test'"),
        ("check default", "wanted, not 'check default'"),
        (f"nosuch {DOMAIN} 1000", "there is no profile 'nosuch', there are default"),
    ],
)
async def test_mistakes_are_logged_and_the_call_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, data: str, message: str
) -> None:
    async with office(tmp_path, f"voicemail {data}", "set after=yes") as o:
        session = await o.bench.ended(o.call("run").session)
        assert message in caplog.text
        assert session.get("after") == "yes"


async def test_voicemail_answers_the_call(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail default {DOMAIN} 1000") as o:
        caller = o.call("run")
        await caller.hears("voicemail/vm-person")
        assert caller.session.channel.answered
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_without_its_module_there_is_no_voicemail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modules.discover()
    actions = (f"voicemail default {DOMAIN} 1000", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert "mod_voicemail is not loaded" in caplog.text
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER


async def test_variables_name_the_mailbox_where_the_dialplan_does_not(tmp_path: Path) -> None:
    async with office(tmp_path, "voicemail") as o:
        caller = o.call(
            "run",
            voicemail_profile_name="default",
            voicemail_domain_name=DOMAIN,
            voicemail_id="1000",
        )
        await caller.hears("voicemail/vm-person", "digits/1", "digits/0")
        caller.hangs_up()
        await o.bench.ended(caller.session)
