"""Every number of the shipped dialplan, dialled by phones: what is heard, who rings, how it ends.

The codes and keys of an office's day are in ``test_shipped_office.py``.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from softswitch.config import secrets
from softswitch.media.engine import MediaEngine
from softswitch.phone.call import PhoneCall
from softswitch.phone.phone import Phone
from tests.calls.test_menus import spoken_seconds
from tests.support.office import TONES, Office, shipped_office
from tests.support.patience import PATIENCE
from tests.support.server import until

pytestmark = pytest.mark.slow

NOTHING = 440
"""The last tone of what is switched off, or not there."""
SWITCHED_ON = 659
"""The last tone of what is switched on."""
BEEP = 640
"""The tone after which a message is recorded."""


async def tell_apart(office: Office, *calls: tuple[str, PhoneCall]) -> None:
    """All in a room speak: each hears the others."""
    await office.speak(*calls)
    for user, call in calls:
        for other, _ in calls:
            if other != user:
                await until_heard(call, TONES[other])


async def until_heard(call: PhoneCall, frequency: float) -> None:
    """A tone among others: a quarter of what is heard is it."""
    await call.hear(frequency, PATIENCE, share=0.25)


def change(office: Office, path: str, *changes: tuple[str, str]) -> None:
    """Edit a file of the running configuration, as an operator does."""
    file = office.switch.folder / "conf" / path
    text = file.read_text()
    for old, new in changes:
        assert old in text, f"{path} has no {old}"
        text = text.replace(old, new)
    file.write_text(text)


async def reload(office: Office) -> None:
    assert (await office.switch.api("reloadxml")).startswith("+OK")


async def test_tones_music_and_an_echo_are_heard(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path, ["1000"]) as office:
        call = office.call("1000", "9196")
        await call.expect_answer()
        await office.speak(("1000", call))
        await call.hear(TONES["1000"], PATIENCE)
        call.hangup()

        call = office.call("1000", "9197")
        await call.expect_answer()
        await call.hear(1004, PATIENCE)
        call.hangup()

        call = office.call("1000", "9198")
        await call.expect_answer()
        await call.hear(523, PATIENCE)
        assert await call.expect_end(PATIENCE) == 200

        call = office.call("1000", "9664")
        await call.expect_answer()
        recording = call.record(str(tmp_path / "music.wav"))
        await office.plays("local_stream://moh")
        await asyncio.sleep(3)
        await call.stop_recording(recording)
        assert spoken_seconds(tmp_path / "music.wav") > 1
        call.hangup()

        call = office.call("1000", "9192")
        assert await call.expect_end(PATIENCE) == 200
        await until(lambda: "Caller-Destination-Number: [9192]" in office.switch.log, "info")


async def test_what_is_said_after_the_beep_is_played_back(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000"]) as office:
        call = office.call("1000", "9193")
        await call.hear(800, PATIENCE)
        await asyncio.sleep(0.5)
        await call.play_to_end("tone_stream://%(2000,0,1320)")
        call.send_digits("5")
        await call.hear(1320, PATIENCE)
        assert await call.expect_end(PATIENCE) == 200
        assert [path.suffix for path in (tmp_path / "data/recordings").iterdir()] == [".wav"]


async def test_a_message_is_left_without_ringing_and_heard(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1001"]) as office:
        call = office.call("1000", "*991001")
        await office.plays("voicemail/vm-person.wav")
        call.send_digits("#")
        await call.hear(BEEP, PATIENCE)
        await asyncio.sleep(1)
        await call.play_to_end("tone_stream://%(5000,0,1320)")
        call.hangup()
        await office.told("vm_boxcount 1001@127.0.0.1|all", "1:0:0:0")

        call = office.call("1001", "*97")
        await office.plays("voicemail/vm-you_have.wav")
        await call.hear(1320, PATIENCE)
        call.send_digits("7")
        await office.plays("voicemail/vm-deleted.wav")
        call.hangup()
        await office.told("vm_boxcount 1001@127.0.0.1|all", "0:0:0:0")


@pytest.mark.parametrize("number", ["*98", "4000", "vmain"])
async def test_any_mailbox_is_opened_by_its_password(
    tmp_path: Path, engine: MediaEngine, number: str
) -> None:
    async with shipped_office(engine, tmp_path, ["1000"]) as office:
        pin = secrets.read(tmp_path / "data")["default_vm_pin"]
        call = office.call("1000", number)
        await office.plays("voicemail/vm-enter_id.wav")
        call.send_digits("1001#")
        await office.plays("voicemail/vm-enter_pass.wav")
        call.send_digits(f"{pin[:-1]}{(int(pin[-1]) + 1) % 10}#")
        await office.plays("voicemail/vm-fail_auth.wav")
        await office.plays("voicemail/vm-enter_id.wav", 2)
        call.send_digits("1001#")
        await office.plays("voicemail/vm-enter_pass.wav", 2)
        call.send_digits(f"{pin}#")
        await office.plays("voicemail/vm-you_have.wav")
        call.hangup()


async def test_digits_operator_and_park_lead_to_a_phone(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1001"]) as office:
        call = office.call("1001", "5001")
        await call.hear(659, PATIENCE)
        call.send_digits("99#1000")
        await call.hear(200, PATIENCE)
        call.hangup()

        call = office.call("1001", "5001")
        await call.hear(659, PATIENCE)
        call.send_digits("1000")
        theirs = await office.rings("1000")
        theirs.answer()
        await office.hear_each_other(("1001", call), ("1000", theirs))
        theirs.hangup()
        assert await call.expect_end(PATIENCE) == 200

        for number in ("0", "operator"):
            call = office.call("1001", number)
            theirs = await office.rings("1000")
            call.hangup()
            await theirs.expect_end(PATIENCE)

        call = office.call("1001", "5900")
        await call.expect_answer()
        rows = (await office.switch.api("show channels")).splitlines()
        [uuid] = [row.split(",")[0] for row in rows if ",5900," in row]
        assert (await office.switch.api(f"uuid_transfer {uuid} 1000")).startswith("+OK")
        theirs = await office.rings("1000")
        theirs.answer()
        await office.hear_each_other(("1001", call), ("1000", theirs))
        call.hangup()
        await theirs.expect_end(PATIENCE)


@pytest.mark.parametrize("number", ["3000", "3199"])
async def test_all_in_a_room_hear_each_other(
    tmp_path: Path, engine: MediaEngine, number: str
) -> None:
    async with shipped_office(engine, tmp_path) as office:
        first = office.call("1000", number)
        await first.expect_answer()
        await office.told("conference list", f"Conference {number}-127.0.0.1 (1 member")
        second, third = office.call("1001", number), office.call("1002", number)
        await second.expect_answer()
        await third.expect_answer()
        await tell_apart(office, ("1000", first), ("1001", second), ("1002", third))
        first.send_digits("0")
        await second.hear(TONES["1002"], PATIENCE)
        third.send_digits("#")
        await third.expect_end(PATIENCE)
        await office.told("conference list", "(2 members")
        first.hangup()
        second.hangup()
        await office.told("conference list", "No active conferences")


async def test_callers_wait_in_a_queue_until_taken(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path) as office:
        await office.feature("1000", "5902", NOTHING)
        first = office.call("1001", "5901")
        await first.expect_answer()
        await office.told("fifo count sales@127.0.0.1", "sales@127.0.0.1:0:1:")
        consumer = office.call("1000", "5902")
        await consumer.expect_answer()
        await office.hear_each_other(("1001", first), ("1000", consumer))
        first.hangup()
        assert await consumer.expect_end(PATIENCE) == 200

        consumer = office.call("1000", "5903")
        await consumer.expect_answer()
        for user in ("1001", "1002"):
            caller = office.call(user, "5901")
            await caller.expect_answer()
            await office.hear_each_other((user, caller), ("1000", consumer))
            caller.hangup()
        await office.told("fifo count sales@127.0.0.1", "sales@127.0.0.1:1:0:")
        consumer.hangup()


async def test_callers_are_offered_to_agents_who_logged_in(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1010", "1011"]) as office:
        await office.feature("1000", "5905", NOTHING)
        await office.feature("1010", "5905", SWITCHED_ON)
        caller = office.call("1000", "5904")
        await caller.expect_answer()
        (await office.rings("1010")).reject()
        await office.told("callcenter_config queue count members support@127.0.0.1", "1")
        await office.feature("1011", "5905", SWITCHED_ON)
        agent = await office.rings("1011")
        agent.answer()
        await office.hear_each_other(("1000", caller), ("1011", agent))
        await office.told("callcenter_config agent get state 1011@127.0.0.1", "In a queue call")
        caller.hangup()
        await agent.expect_end(PATIENCE)
        await office.feature("1011", "5906", NOTHING)
        await office.told("callcenter_config agent get status 1011@127.0.0.1", "Logged Out")


async def test_support_rings_one_after_another(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1010", "1012"]) as office:
        caller = office.call("1000", "103")
        first = await office.rings("1010")
        first.reject()
        # 1011 has no phone.
        last = await office.rings("1012")
        last.answer()
        await caller.expect_answer()
        caller.hangup()
        await last.expect_end(PATIENCE)


async def test_calls_follow_to_another_phone_that_confirms(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1003", "1004"]) as office:
        caller = office.call("1000", "104")
        desk = await office.rings("1003")
        other = await office.phones["1004"].expect_call(PATIENCE)
        other.answer()
        await other.hear(523, PATIENCE)
        # Who does not press 1 has not taken the call.
        assert caller.state.value == "ringing"
        other.send_digits("1")
        await caller.expect_answer()
        await desk.expect_end(PATIENCE)
        await office.hear_each_other(("1000", caller), ("1004", other))
        caller.hangup()
        await other.expect_end(PATIENCE)


async def test_the_reception_keeps_its_hours(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1001"]) as office:
        hours = 'wday="mon-fri" hour="9-16"'
        change(office, "dialplan/default.xml", (hours, 'wday="sun-sat" hour="0-23"'))
        await reload(office)
        for number in ("200", "reception"):
            caller = office.call("1001", number)
            theirs = await office.rings("1000")
            caller.hangup()
            await theirs.expect_end(PATIENCE)
        change(office, "dialplan/default.xml", ('wday="sun-sat" hour="0-23"', 'year="2001"'))
        await reload(office)
        await office.feature("1001", "200", 349)


async def test_a_parked_call_is_fetched_or_comes_back(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path) as office:
        parked = office.call("1001", "*70")
        await office.told("valet_info office", "6001")
        await office.plays("file_string://digits/6!digits/0!digits/0!digits/1")
        taker = office.call("1002", "6001")
        await taker.expect_answer()
        await office.hear_each_other(("1001", parked), ("1002", taker))
        taker.hangup()
        await parked.expect_end(PATIENCE)

        change(
            office,
            "dialplan/default.xml",
            ("valet_parking_timeout=120", "valet_parking_timeout=2"),
        )
        await reload(office)
        parked = office.call("1001", "6019")
        await parked.expect_answer()
        operator = await office.rings("1000")
        operator.answer()
        await office.hear_each_other(("1001", parked), ("1000", operator))
        parked.hangup()
        await operator.expect_end(PATIENCE)


async def test_the_intercom_asks_a_phone_to_answer_by_itself(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1001"]) as office:
        caller = office.call("1000", "*801001")
        theirs = await office.rings("1001")
        assert theirs.usage is not None
        headers = theirs.usage.request.headers
        assert headers.get("Call-Info") == "<sip:127.0.0.1>;answer-after=0"
        theirs.answer()
        await caller.expect_answer()
        await office.hear_each_other(("1000", caller), ("1001", theirs))
        theirs.hangup()
        assert await caller.expect_end(PATIENCE) == 200


async def outside_phone(office: Office, engine: MediaEngine, stack: AsyncExitStack) -> Phone:
    """A caller who is nobody's user, at the port for providers."""
    text = (office.switch.folder / "conf/vars.xml").read_text()
    port = int(text.partition("external_sip_port=")[2].partition('"')[0])
    phone = await Phone.open(engine, ("127.0.0.1", port), user="5551212", password="")
    return await stack.enter_async_context(phone)


async def test_outside_callers_reach_phones_and_disa_by_its_pin(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with (
        AsyncExitStack() as stack,
        shipped_office(engine, tmp_path, ["1001"]) as office,
    ):
        outside = await outside_phone(office, engine, stack)
        for number in ("9196", "112", "8888", "*72100", "feature_on"):
            assert await outside.call(number).expect_end(PATIENCE) == 404, number
        call = outside.call("1001")
        theirs = await office.rings("1001")
        call.hangup()
        await theirs.expect_end(PATIENCE)

        change(office, "vars.xml", ("disa_pin=off", "disa_pin=1234567890"))
        await reload(office)
        call = outside.call("8888")
        for _ in range(3):
            await call.hear(659, PATIENCE)
            call.send_digits("1234567891#")
            await call.hear(200, PATIENCE)
        await call.expect_end(PATIENCE)
        await until(lambda: "DISA refused 5551212" in office.switch.log, "the refusal")

        call = outside.call("8888")
        await call.hear(659, PATIENCE)
        call.send_digits("1234567890#")
        await call.hear(350, PATIENCE)
        call.send_digits("1001#")
        theirs = await office.rings("1001")
        theirs.answer()
        await office.speak(("1001", theirs))
        await call.hear(TONES["1001"], PATIENCE)
        theirs.hangup()
        assert await call.expect_end(PATIENCE) == 200


async def test_the_provider_gets_emergency_and_domestic_calls(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with (
        AsyncExitStack() as stack,
        shipped_office(engine, tmp_path, ["1000"]) as office,
    ):
        provider = await outside_phone(office, engine, stack)
        host, port = provider.contact
        change(office, "vars.xml", ("emergency_gateway=none", "emergency_gateway=example"))
        change(
            office,
            "sip_profiles/external/example.xml",
            ("  <gateway", "  --><gateway"),
            ('value="sip.example.com"', f'value="{host}:{port}"'),
            ('"register" value="true"', '"register" value="false"'),
            ("the number its calls go to, in public.xml", ""),
            ("  </gateway>\n  -->", "  </gateway>"),
        )
        change(
            office,
            "dialplan/default/outside.xml",
            ("  <extension", "  --><extension"),
            ("  </extension>\n  -->", "  </extension>"),
        )
        await reload(office)
        await office.told("sofia profile external rescan", "+OK")
        await office.told("sofia status gateway example", "NOREG")
        for number in ("112", "5551234567"):
            call = office.call("1000", number)
            theirs = await provider.expect_call(PATIENCE)
            theirs.answer()
            await call.expect_answer()
            assert theirs.usage is not None
            assert f"{number}@" in str(theirs.usage.request.uri)
            call.hangup()
            await theirs.expect_end(PATIENCE)
        log = office.switch.log
        assert "emergency call to 112 from 1000" in log
        assert "emergency call to 5551234567" not in log


async def test_a_name_is_dialled(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_office(engine, tmp_path, ["1000", "1001"]) as office:
        change(office, "directory/default/1001.xml", ("Extension 1001", "Anna Smith"))
        await reload(office)
        caller = office.call("1000", "411")
        await caller.expect_answer()
        await office.plays("directory/dir-enter_person.wav")
        # EXT is what all others are called: too many to tell.
        caller.send_digits("398#")
        await office.plays("directory/dir-too_many_result.wav")
        await office.plays("directory/dir-enter_person.wav", 2)
        caller.send_digits("76484#")
        await office.plays("directory/dir-to_select_entry.wav")
        caller.send_digits("1")
        called = await office.rings("1001")
        called.answer()
        await office.hear_each_other(("1000", caller), ("1001", called))
        caller.hangup()
        await called.expect_end(PATIENCE)
