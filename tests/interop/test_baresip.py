"""Two baresip phones and the configuration that ships."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.audio import heard_tone, power, read_wav
from tests.support.baresip import Baresip, baresip
from tests.support.patience import PATIENCE
from tests.support.process import SwitchProcess, shipped_switch
from tests.support.programs import needs

pytestmark = [needs("baresip"), pytest.mark.slow]

ALICE_SAYS, BOB_SAYS, CAROL_SAYS = 440, 1336, 770
TALK_SECONDS = 2.0


def account(switch: SwitchProcess, user: str, transport: str = "udp", codecs: str = "pcmu") -> str:
    """A line of baresip's accounts file."""
    port = switch.tls_port if transport == "tls" else switch.sip_port
    return (
        f'<sip:{user}@127.0.0.1:{port};transport={transport}>;auth_pass="{switch.password}"'
        f";answermode=auto;audio_codecs={codecs};regint=600"
    )


async def talk(alice: Baresip, number: str, *others: Baresip) -> None:
    """Let alice call, talk a while and hang up."""
    await alice.do("dial", number)
    for phone in (alice, *others):
        await phone.expect("CALL_ESTABLISHED")
    # What is said is real time: there is nothing to wait for but time itself.
    await asyncio.sleep(TALK_SECONDS)
    await alice.do("hangup")
    for phone in (alice, *others):
        await phone.expect("CALL_CLOSED")


async def nothing_left(switch: SwitchProcess) -> None:
    """The switch has no call any more, once the records of the last one are on disk."""
    async with asyncio.timeout(PATIENCE):
        while (await switch.api("show channels count")).strip() != "0 total.":  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_two_phones_register_and_hear_each_other(tmp_path: Path, transport: str) -> None:
    secure = transport == "tls"
    async with AsyncExitStack() as stack:
        switch = await stack.enter_async_context(shipped_switch(tmp_path, tls=secure))
        believes = switch.certificate if secure else None
        alice, bob = [
            await stack.enter_async_context(
                baresip(
                    tmp_path / user,
                    account(switch, user, transport),
                    says=says,
                    believes=believes,
                )
            )
            for user, says in (("1000", ALICE_SAYS), ("1001", BOB_SAYS))
        ]
        await alice.expect_said("200 OK")
        await bob.expect_said("200 OK")
        assert "1000" in await switch.api("show registrations")
        port = switch.tls_port if secure else switch.sip_port
        await talk(alice, f"sip:1001@127.0.0.1:{port};transport={transport}", bob)
        await nothing_left(switch)
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert not heard_tone(alice.heard(), ALICE_SAYS)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)
    assert not heard_tone(bob.heard(), BOB_SAYS)


async def test_phones_of_different_codecs_hear_each_other(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001", codecs="pcma"), says=BOB_SAYS) as bob,
    ):
        await bob.expect_said("200 OK")
        await talk(alice, f"sip:1001@127.0.0.1:{switch.sip_port}", bob)
        assert "Set audio encoder: PCMU" in alice.log()
        assert "Set audio encoder: PCMA" in bob.log()
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)


@pytest.mark.parametrize(
    ("codec", "other"),
    [
        ("opus/48000/2", "pcmu"),
        ("G722/16000/1", "opus/48000/2"),
        ("GSM/8000/1", "G722/16000/1"),
        # baresip packs G.726 as AAL2 does but names it as RTP does: only itself understands it.
        ("G726-32/8000/1", "G726-32/8000/1"),
        ("L16/16000/1", "GSM/8000/1"),
    ],
)
async def test_every_codec_is_translated_into_the_other_phones(
    tmp_path: Path, codec: str, other: str
) -> None:
    allow = "OPUS,G722,PCMU,PCMA,GSM,G726-16,G726-32,G726-40,L16@16000h"
    async with (
        shipped_switch(tmp_path, codecs=allow) as switch,
        baresip(tmp_path / "a", account(switch, "1000", codecs=codec), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001", codecs=other), says=BOB_SAYS) as bob,
    ):
        await bob.expect_said("200 OK")
        await talk(alice, f"sip:1001@127.0.0.1:{switch.sip_port}", bob)
        for phone, name in ((alice, codec), (bob, other)):
            said = name.partition("/")[0].lower()
            assert f"set audio encoder: {said}" in phone.log().lower()
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)


def protected(line: str, how: str) -> str:
    """An account that asks for SRTP: ``srtp`` offers it, ``srtp-mand`` insists on it."""
    return f"{line};mediaenc={how}"


@pytest.mark.parametrize("how", ["srtp", "srtp-mand"])
async def test_a_protected_phone_and_a_plain_one_hear_each_other(tmp_path: Path, how: str) -> None:
    async with shipped_switch(tmp_path) as switch:
        secure = protected(account(switch, "1000"), how)
        async with (
            baresip(tmp_path / "a", secure, says=ALICE_SAYS) as alice,
            baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
        ):
            await bob.expect_said("200 OK")
            await alice.do("dial", f"sip:1001@127.0.0.1:{switch.sip_port}")
            for phone in (alice, bob):
                await phone.expect("CALL_ESTABLISHED")
            await asyncio.sleep(TALK_SECONDS)
            assert "srtp:sdes:AES_CM_128_HMAC_SHA1_80" in await switch.api("show channels")
            await alice.do("hangup")
            await bob.expect("CALL_CLOSED")
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)


@pytest.mark.parametrize("wish", ["mandatory", "optional", "mandatory:AES_CM_128_HMAC_SHA1_32"])
async def test_a_phone_is_called_by_srtp_where_that_is_asked_for(tmp_path: Path, wish: str) -> None:
    async with shipped_switch(tmp_path) as switch:
        how = "srtp-mand" if wish.startswith("mandatory") else "srtp"
        callee = protected(account(switch, "1001"), how)
        async with baresip(tmp_path / "b", callee, says=BOB_SAYS) as bob:
            await bob.expect_said("200 OK")
            started = await switch.api(f"originate {{rtp_secure_media={wish}}}user/1001 &echo")
            assert started.startswith("+OK")
            await bob.expect("CALL_ESTABLISHED")
            await asyncio.sleep(TALK_SECONDS)
            assert "srtp:sdes:" in await switch.api("show channels")
            await bob.do("hangup")
            await bob.expect("CALL_CLOSED")
    assert heard_tone(bob.heard(), BOB_SAYS, at_least_ms=1000)


@pytest.mark.parametrize("how", ["bypass_media", "proxy_media", "bypass_media_after_bridge"])
async def test_phones_hear_each_other_past_the_switch(tmp_path: Path, how: str) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
    ):
        dialplan = tmp_path / "conf" / "dialplan" / "default.xml"
        past = (
            '<context name="default"><extension name="past"><condition'
            f' field="destination_number" expression="^7100$"><action application="set"'
            f' data="{how}=true"/><action application="bridge" data="user/1001"/></condition>'
            "</extension>"
        )
        dialplan.write_text(dialplan.read_text().replace('<context name="default">', past))
        assert "+OK" in await switch.api("reloadxml")
        await bob.expect_said("200 OK")
        await talk(alice, f"sip:7100@127.0.0.1:{switch.sip_port}", bob)
        await nothing_left(switch)
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)


async def test_hold_music_reaches_a_phone_whose_media_goes_past_the_switch(tmp_path: Path) -> None:
    music_hz = 1800
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
    ):
        dialplan = tmp_path / "conf" / "dialplan" / "default.xml"
        sets = "".join(
            f'<action application="set" data="{value}"/>'
            for value in (
                "bypass_media=true",
                "bypass_media_resume_on_hold=true",
                "bypass_media_after_hold=true",
                f"hold_music=tone_stream://%(10000,0,{music_hz});loops=-1",
            )
        )
        past = (
            '<context name="default"><extension name="past"><condition'
            f' field="destination_number" expression="^7100$">{sets}'
            '<action application="bridge" data="user/1001"/></condition></extension>'
        )
        dialplan.write_text(dialplan.read_text().replace('<context name="default">', past))
        assert "+OK" in await switch.api("reloadxml")
        await bob.expect_said("200 OK")
        await alice.do("dial", f"sip:7100@127.0.0.1:{switch.sip_port}")
        await bob.expect("CALL_ESTABLISHED")
        await asyncio.sleep(TALK_SECONDS)
        await alice.do("hold")
        await state(switch, "HELD")
        await asyncio.sleep(TALK_SECONDS)
        await alice.do("resume")
        await state(switch, "ACTIVE")
        await asyncio.sleep(TALK_SECONDS)
        assert (await switch.api("show channels count")).strip() == "2 total."
        await alice.do("hangup")
        await bob.expect("CALL_CLOSED")
        await nothing_left(switch)
    assert heard_tone(bob.heard(), music_hz, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)


async def test_the_echo_is_heard(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
    ):
        await alice.expect_said("200 OK")
        await talk(alice, f"sip:9196@127.0.0.1:{switch.sip_port}")
        await nothing_left(switch)
    assert heard_tone(alice.heard(), ALICE_SAYS, at_least_ms=1000)


async def test_a_phone_hands_its_partner_over(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
    ):
        await bob.expect_said("200 OK")
        await alice.do("dial", f"sip:1001@127.0.0.1:{switch.sip_port}")
        await alice.expect("CALL_ESTABLISHED")
        await bob.expect("CALL_ESTABLISHED")
        await alice.do("transfer", f"sip:9196@127.0.0.1:{switch.sip_port}")
        await alice.expect("CALL_CLOSED")
        await asyncio.sleep(TALK_SECONDS)
        assert (await switch.api("show channels count")).strip() == "1 total."
        await bob.do("hangup")
        await bob.expect("CALL_CLOSED")
        await nothing_left(switch)
    assert heard_tone(bob.heard(), BOB_SAYS, at_least_ms=1000)


async def test_digits_of_a_phone_choose_an_extension(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
    ):
        await alice.expect_said("200 OK")
        await alice.do("dial", f"sip:5001@127.0.0.1:{switch.sip_port}")
        await alice.expect("CALL_ESTABLISHED")
        for digit in "9196":
            await alice.do("sndcode", digit)
        await asyncio.sleep(2 * TALK_SECONDS)
        assert "9196" in await switch.api("show channels")
        await alice.do("hangup")
        await alice.expect("CALL_CLOSED")
        await nothing_left(switch)
    assert heard_tone(alice.heard(), ALICE_SAYS, at_least_ms=500)


async def test_three_phones_in_a_room_hear_exactly_the_two_others(tmp_path: Path) -> None:
    voices = {"1000": (440, "pcmu"), "1001": (700, "pcma"), "1002": (1130, "G722/16000/1")}
    async with AsyncExitStack() as stack:
        switch = await stack.enter_async_context(shipped_switch(tmp_path, codecs="PCMU,PCMA,G722"))
        phones = [
            await stack.enter_async_context(
                baresip(tmp_path / user, account(switch, user, codecs=codec), says=says)
            )
            for user, (says, codec) in voices.items()
        ]
        for phone in phones:
            await phone.expect_said("200 OK")
            await phone.do("dial", f"sip:3000@127.0.0.1:{switch.sip_port}")
            await phone.expect("CALL_ESTABLISHED")
        # The music for who is alone and the beeps for who comes are over by then.
        await asyncio.sleep(5 * TALK_SECONDS)
        name = (await switch.api("conference list summary")).split()[2]
        assert await switch.api(f"conference {name} get count") == "3"
        for phone in phones:
            await phone.do("hangup")
            await phone.expect("CALL_CLOSED")
        await nothing_left(switch)
        assert await switch.api("conference list") == "+OK No active conferences.\n"
    tones = [says for says, _ in voices.values()]
    for phone, own in zip(phones, tones, strict=True):
        samples, rate = read_wav(phone.heard())
        # The last second before the first of them hung up.
        steady = samples[-2 * rate : -rate]
        loud = {tone for tone in tones if power(steady, rate, tone) > 500.0**2 / 2}
        assert loud == set(tones) - {own}


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        wrong = account(switch, "1000").replace(switch.password, "guessed")
        async with baresip(tmp_path / "a", wrong, says=ALICE_SAYS) as alice:
            await alice.expect_said("403 Forbidden")
            assert "1000" not in await switch.api("show registrations")


async def test_a_held_party_is_taken_back(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
    ):
        await alice.expect_said("200 OK")
        await alice.do("dial", f"sip:9196@127.0.0.1:{switch.sip_port}")
        await alice.expect("CALL_ESTABLISHED")
        await alice.do("hold")
        await state(switch, "HELD")
        await alice.do("resume")
        await state(switch, "ACTIVE")
        await alice.do("hangup")
        await alice.expect("CALL_CLOSED")
        await nothing_left(switch)


async def state(switch: SwitchProcess, wanted: str) -> None:
    """Wait until the only call is in that call state."""
    async with asyncio.timeout(PATIENCE):
        while wanted not in await switch.api("show channels"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_phone_leaves_a_message_and_another_hears_it(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        port = switch.sip_port
        async with baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice:
            await alice.expect_said("200 OK")
            await alice.do("dial", f"sip:1001@127.0.0.1:{port}")
            await alice.expect("CALL_ESTABLISHED")
            # From the greeting to the beep; any key ends the message.
            for key, seconds in (("#", 3 * TALK_SECONDS), ("5", TALK_SECONDS), ("2", 2.0)):
                await asyncio.sleep(2.0)
                await alice.do("sndcode", key)
                await asyncio.sleep(seconds)
            await alice.do("hangup")
            await alice.expect("CALL_CLOSED")
            await nothing_left(switch)
        assert (await switch.api("vm_boxcount 1001@127.0.0.1|all")).strip() == "1:0:0:0"
        async with baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob:
            await bob.expect_said("200 OK")
            await bob.do("dial", f"sip:*97@127.0.0.1:{port}")
            await bob.expect("CALL_ESTABLISHED")
            # How many there are, the heading of the message, and then the message itself.
            await asyncio.sleep(18.0)
            await bob.do("hangup")
            await bob.expect("CALL_CLOSED")
            await nothing_left(switch)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1500)


async def test_a_phone_joins_its_two_calls(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path) as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
        baresip(tmp_path / "c", account(switch, "1002"), says=CAROL_SAYS) as carol,
    ):
        for phone in (alice, bob, carol):
            await phone.expect_said("200 OK")
        await alice.do("dial", f"sip:1001@127.0.0.1:{switch.sip_port}")
        await bob.expect("CALL_ESTABLISHED")
        await alice.do("hold")
        await state(switch, "HELD")
        await alice.do("dial", f"sip:1002@127.0.0.1:{switch.sip_port}")
        await carol.expect("CALL_ESTABLISHED")
        # baresip lets its user write a Replaces: that of the call to Carol.
        uuid = next(
            row.partition(",")[0]
            for row in (await switch.api("show channels")).splitlines()
            if ",inbound," in row and ",1002," in row
        )
        names = ("sip_call_id", "sip_to_tag", "sip_from_tag")
        call, ours, theirs = [(await switch.api(f"uuid_getvar {uuid} {n}")).strip() for n in names]
        replaces = f"{call}%3Bto-tag%3D{ours}%3Bfrom-tag%3D{theirs}"
        await alice.do("line", "1")
        target = f"sip:1002@127.0.0.1:{switch.sip_port}?Replaces={replaces}"
        await alice.do("transfer", target)
        await alice.expect("CALL_CLOSED")
        await asyncio.sleep(TALK_SECONDS)
        assert (await switch.api("show channels count")).strip() == "2 total."
        await bob.do("hangup")
        await carol.expect("CALL_CLOSED")
        await nothing_left(switch)
    assert heard_tone(carol.heard(), BOB_SAYS, at_least_ms=1000)


async def test_a_phone_watches_another(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        contacts = f'"Bob" <sip:1001@127.0.0.1:{switch.sip_port}>;presence=p2p\n'
        async with baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob:
            await bob.expect_said("200 OK")
            async with baresip(
                tmp_path / "a",
                account(switch, "1000"),
                says=ALICE_SAYS,
                modules=("contact", "presence"),
                contacts=contacts,
            ) as alice:
                await alice.expect_said("200 OK")
                async with asyncio.timeout(PATIENCE):
                    while "Online" not in await alice.do("contacts"):  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                shown = await switch.api("sofia_presence_data status 1001@127.0.0.1")
                assert shown.strip() == "Registered"
                await switch.api("sofia profile internal flush_inbound_reg 1001@127.0.0.1")
                await alice.expect_said("Offline")
        await nothing_left(switch)


async def expect_pictures(phone: Baresip, count: int = 10) -> None:
    """Wait until a phone has decoded and shown so many pictures of its far end."""
    seen = 0
    async with asyncio.timeout(PATIENCE):
        while seen < count:
            found = re.search(r"vidisp: \w+ \d+ x \d+ frames=(\d+)", await phone.do("video_debug"))
            seen = int(found[1]) if found is not None else 0
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("protection", ["", ";mediaenc=srtp-mand"])
async def test_two_phones_see_each_other(tmp_path: Path, protection: str) -> None:
    async with (
        shipped_switch(tmp_path, codecs="PCMU,H264,VP8") as switch,
        baresip(
            tmp_path / "a", account(switch, "1000") + protection, says=ALICE_SAYS, video=True
        ) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS, video=True) as bob,
    ):
        await bob.expect_said("200 OK")
        await alice.do("dial", f"sip:1001@127.0.0.1:{switch.sip_port}")
        for phone in (alice, bob):
            await phone.expect("CALL_ESTABLISHED")
            await expect_pictures(phone)
        await alice.do("hangup")
        for phone in (alice, bob):
            await phone.expect("CALL_CLOSED")
        await nothing_left(switch)
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=500)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=500)


async def test_a_phone_without_a_camera_is_heard_by_one_with(tmp_path: Path) -> None:
    async with (
        shipped_switch(tmp_path, codecs="PCMU,H264,VP8") as switch,
        baresip(tmp_path / "a", account(switch, "1000"), says=ALICE_SAYS, video=True) as alice,
        baresip(tmp_path / "b", account(switch, "1001"), says=BOB_SAYS) as bob,
    ):
        await bob.expect_said("200 OK")
        await talk(alice, f"sip:1001@127.0.0.1:{switch.sip_port}", bob)
        await nothing_left(switch)
    assert heard_tone(alice.heard(), BOB_SAYS, at_least_ms=1000)
    assert heard_tone(bob.heard(), ALICE_SAYS, at_least_ms=1000)
