"""Kamailio in front of the switch, and as its provider."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.audio import heard_tone
from tests.support.baresip import baresip
from tests.support.kamailio import PASSWORD, kamailio
from tests.support.process import shipped_switch
from tests.support.programs import needs
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension

pytestmark = [needs("kamailio"), pytest.mark.slow]
TALK_SECONDS = 2.0

DOMAIN_OF_PROVIDER = (
    '<param name="realm" value="provider.test"/><param name="from-domain" value="provider.test"/>'
)


@needs("baresip")
async def test_a_phone_behind_a_proxy_registers_calls_and_is_called(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        kamailio(tmp_path / "kamailio", switch.sip_port) as proxy,
    ):
        account = (
            f"<sip:1000@127.0.0.1:{switch.sip_port}>;auth_pass={switch.password}"
            f';outbound="sip:127.0.0.1:{proxy.port};lr";answermode=auto;audio_codecs=pcmu'
        )
        async with baresip(tmp_path / "phone", account, says=440) as phone:
            await phone.expect_said("200 OK")
            contact = await switch.api("sofia_contact */1000@127.0.0.1")
            assert f"fs_path=%3Csip%3A127.0.0.1%3A{proxy.port}%3Blr" in contact
            # To the switch, with the proxy in the way of every request.
            await phone.do("dial", f"sip:9196@127.0.0.1:{switch.sip_port}")
            await phone.expect("CALL_ESTABLISHED")
            await asyncio.sleep(TALK_SECONDS)
            await phone.do("hangup")
            await phone.expect("CALL_CLOSED")
            assert heard_tone(phone.heard(), 440, at_least_ms=800)
            phone.events.clear()
            # And from the switch, by the Path of the registration.
            answer = await switch.api("originate user/1000@127.0.0.1 &park()")
            assert answer.startswith("+OK"), answer
            uuid = answer.split()[1]
            await phone.expect("CALL_ESTABLISHED")
            await switch.api(f"uuid_kill {uuid}")
            await phone.expect("CALL_CLOSED")
        # The last of it is told after the phone heard of it.
        for _ in range(200):
            left = (await switch.api("show channels count")).strip()
            if left == "0 total.":
                break
            await asyncio.sleep(0.05)
        assert left == "0 total."
        for method in ("REGISTER", "INVITE", "ACK", "BYE"):
            assert f"SEEN {method} " in proxy.log, proxy.log


async def test_a_trunk_registers_with_its_password_and_calls_come_and_go(
    tmp_path: Path, serve: Serve
) -> None:
    async with kamailio(tmp_path / "kamailio", 9) as provider:
        gateway = (
            '<gateway name="trunk"><param name="username" value="account"/>'
            f'<param name="password" value="{PASSWORD}"/>'
            f"{DOMAIN_OF_PROVIDER}"
            f'<param name="proxy" value="127.0.0.1:{provider.port}"/>'
            '<param name="extension" value="from-trunk"/></gateway>'
        )
        server = await serve(extension("from-trunk", "answer", "echo"), gateways=gateway)
        trunk = server.profile().gateways["trunk"]
        await until(lambda: trunk.state == "REGED", "the registration", then=lambda: provider.log)
        # The provider knows one subscriber: ourselves. So the call comes back by the trunk.
        answer = await server.api("originate sofia/gateway/trunk/account@provider.test &park()")
        assert answer.startswith("+OK"), f"{answer}\n{provider.log}"
        numbers = {session.channel.profile.destination_number for session in server.sessions}
        assert "from-trunk" in numbers
        assert (trunk.calls_in, trunk.calls_out) == (1, 1)
        await server.api("hupall")
        await until(lambda: not server.sessions, "the end of both legs")
        await server.api("sofia profile internal unregister trunk")
        await until(lambda: trunk.state == "DOWN", "the end of the registration")


async def test_a_wrong_password_is_told(tmp_path: Path, serve: Serve) -> None:
    async with kamailio(tmp_path / "kamailio", 9) as provider:
        gateway = (
            '<gateway name="trunk"><param name="username" value="account"/>'
            '<param name="password" value="wrong"/>'
            f"{DOMAIN_OF_PROVIDER}"
            f'<param name="proxy" value="127.0.0.1:{provider.port}"/></gateway>'
        )
        server = await serve(gateways=gateway)
        trunk = server.profile().gateways["trunk"]
        await until(lambda: trunk.state == "FAIL_WAIT", "the refusal", then=lambda: provider.log)
        assert trunk.failures == 1
        assert not trunk.up
