"""Linphone against the configuration that ships."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.audio import heard_tone
from tests.support.linphone import linphone
from tests.support.process import shipped_switch
from tests.support.programs import needs
from tests.support.server import until

pytestmark = [needs("linphonec"), pytest.mark.slow]
TALK_SECONDS = 2.0


async def test_linphone_registers_calls_and_is_called(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        linphone(tmp_path / "phone", says=440) as phone,
    ):
        proxy = f"127.0.0.1:{switch.sip_port}"
        phone.say(f"register sip:1000@{proxy} sip:{proxy} {switch.password}")
        await until(
            lambda: "1000@127.0.0.1 registered from" in switch.log, "a registration", then=phone.log
        )
        # The echo says what the phone says.
        phone.say(f"call sip:9196@{proxy}")
        await phone.expect("Media streams established")
        await asyncio.sleep(TALK_SECONDS)
        phone.say("terminate")
        await phone.expect("ended")
        await until(lambda: phone.heard.exists(), "a recording")
        # It rings, is answered, and the switch hangs up.
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(switch.api("originate user/1000@127.0.0.1 &park()"))
            await phone.expect("Receiving new incoming call")
            phone.say("answer")
        answer = asked.result()
        assert answer.startswith("+OK"), answer
        await switch.api(f"uuid_kill {answer.split()[1]}")
        await until(lambda: phone.log().count("ended") == 2, "the end of the second call")
        assert heard_tone(phone.heard, 440, at_least_ms=500)


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        linphone(tmp_path / "phone", says=440) as phone,
    ):
        proxy = f"127.0.0.1:{switch.sip_port}"
        phone.say(f"register sip:1000@{proxy} sip:{proxy} wrong")
        await until(lambda: "wrong password" in switch.log, "a refusal", then=phone.log)
        assert await switch.api("sofia_count_reg 1000@127.0.0.1") == "0"
