"""Waiting in numbered places, and taking who waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.support.switch import Bench, bench, extension, verbs

PARK = extension("1", "valet_park lot 6001", "set went=on")


def told(b: Bench) -> list[tuple[str, str]]:
    """Actions and places of the events about parking."""
    return [
        (event.headers["Action"], event.headers["Valet-Extension"])
        for event in b.events
        if event.subclass == "valet_parking::info"
    ]


def place(b: Bench, number: str, lot: str = "lot") -> Session | None:
    return b.switch.parking.call_at(lot, number)


async def test_the_second_who_dials_a_place_takes_the_first(tmp_path: Path) -> None:
    async with bench(tmp_path, PARK) as b:
        waiting = b.call("1", variables={"hold_music": "tone_stream://%(100,0,440)"})
        await b.after(1)
        assert place(b, "6001") is waiting
        assert verbs(waiting) == ["answer"]
        assert waiting.application_log[-1][0] == "valet_park"
        assert waiting.leg.media is not None
        taker = b.call("1")
        await b.after(1)
        assert taker.peer is waiting
        assert place(b, "6001") is None
        assert told(b) == [("hold", "6001"), ("bridge", "6001")]
        waiting.hangup()
        await b.ended(taker)
        assert taker.get("went") == "on"


async def test_a_caller_who_leaves_frees_his_place(tmp_path: Path) -> None:
    async with bench(tmp_path, PARK) as b:
        waiting = b.call("1")
        await b.after(1)
        waiting.hangup()
        await b.ended(waiting)
        assert place(b, "6001") is None
        assert told(b) == [("hold", "6001"), ("exit", "6001")]
        assert b.switch.parking.lots() == []


@pytest.mark.parametrize("music", ["", "tone_stream://%(100,0,440)", "/no/such/file.wav"])
async def test_who_waits_too_long_goes_to_the_orbit(tmp_path: Path, music: str) -> None:
    variables = {
        "valet_parking_timeout": "5",
        "valet_parking_orbit_exten": "9",
        "valet_hold_music": music,
    }
    async with bench(tmp_path, PARK, extension("9", "set landed=orbit")) as b:
        waiting = b.call("1", variables=variables)
        await b.after(4)
        assert place(b, "6001") is waiting
        await b.ended(waiting, within=3)
        assert waiting.get("landed") == "orbit"
        assert place(b, "6001") is None


async def test_without_an_orbit_the_dialplan_goes_on(tmp_path: Path) -> None:
    for music in ("", "tone_stream://%(100,0,440)"):
        variables = {"valet_parking_timeout": "5", "valet_hold_music": music}
        async with bench(tmp_path, PARK) as b:
            waiting = await b.ended(b.call("1", variables=variables), within=8)
            assert waiting.get("went") == "on"


@pytest.mark.parametrize("music", ["", "tone_stream://%(100,0,440)"])
async def test_a_key_leads_to_the_orbit(tmp_path: Path, music: str) -> None:
    variables = {
        "valet_parking_orbit_exten": "9",
        "valet_parking_orbit_exit_key": "0",
        "valet_hold_music": music,
    }
    async with bench(tmp_path, PARK, extension("9", "set landed=orbit")) as b:
        waiting = await b.ended(
            b.call("1", script="digit:5@2 digit:0@3", variables=variables), within=5
        )
        assert waiting.get("landed") == "orbit"


async def test_a_place_is_asked_for(tmp_path: Path) -> None:
    ask = extension("2", "valet_park lot ask 1 4 3000 silence_stream://100", "set went=on")
    async with bench(tmp_path, ask) as b:
        waiting = b.call("2", script="digit:42#@1")
        await b.after(3)
        assert place(b, "42") is waiting
        waiting.hangup()


async def test_who_names_no_place_is_asked_again(tmp_path: Path) -> None:
    ask = extension("2", "valet_park lot ask 2 4 0 silence_stream://100", "set went=on")
    async with bench(tmp_path, ask) as b:
        waiting = b.call("2", script="digit:4@3 digit:42#@9")
        await b.after(8)
        assert waiting.channel.up and not b.switch.parking.lots()
        await b.after(2)
        assert place(b, "42") is waiting
        waiting.hangup()
        other = b.call("2")
        await b.after(5)
        other.break_()
        assert (await b.ended(other, within=1)).get("went") == "on"


async def test_the_lowest_free_place_is_chosen(tmp_path: Path) -> None:
    auto = extension("3", "set valet_announce_slot=false", "valet_park lot auto in 71 72")
    out = extension("4", "valet_park lot auto out 71 72")
    async with bench(tmp_path, auto, out) as b:
        one, two, three = b.call("3"), b.call("3"), b.call("3")
        await b.after(1)
        assert (place(b, "71"), place(b, "72")) == (one, two)
        await b.ended(three, within=1)
        assert three.application_log[-1][:2] == ("phrase", "valet_lot_full")
        assert "PLAYBACK_START" in b.names(three)
        taker = b.call("4")
        await b.after(1)
        assert taker.peer is one
        for session in (one, two, taker):
            session.hangup()


async def test_an_empty_lot_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("4", "valet_park lot auto out 71 72")) as b:
        session = await b.ended(b.call("4"))
        assert session.application_log[-1][:2] == ("phrase", "valet_lot_empty")
        assert "PLAYBACK_START" in b.names(session)


async def test_a_bridged_party_parks_its_partner(tmp_path: Path) -> None:
    bind = "bind_meta_app 7 b s valet_park::lot auto in 71 79"
    async with bench(tmp_path, extension("100", bind, "bridge test/bob")) as b:
        b.script("bob", "answer@0 digit:*7@1")
        caller = b.call("100")
        await b.after(4)
        bob = b.legs.legs["bob"].session
        assert place(b, "71") is caller
        assert caller.get("valet_lot_extension") == "71"
        assert ("phrase", "valet_announce_ext,lot:71") in [
            (name, data) for name, data, _ in bob.application_log
        ]
        caller.hangup()


@pytest.mark.parametrize(
    "data", ["", "lot", "lot auto", "lot auto in 1", "lot auto up 1 2", "lot auto in a b"]
)
async def test_what_means_nothing_is_told_and_the_call_goes_on(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", f"valet_park {data}", "set went=on")) as b:
        assert (await b.ended(b.call("100"))).get("went") == "on"
    assert "valet_park: " in caplog.text


async def test_variables_say_how_a_place_is_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("2", "valet_park lot ask")) as b:
        variables = {
            "valet_ext_min": "2",
            "valet_ext_max": "2",
            "valet_ext_to": "3000",
            "valet_ext_prompt": "silence_stream://100",
        }
        # The second digit is the last one: no # is waited for.
        waiting = b.call("2", script="digit:42@1", variables=variables)
        await b.after(1.5)
        assert place(b, "42") is waiting
        waiting.hangup()
        await b.ended(waiting)


async def test_who_parks_a_call_says_how_it_waits(tmp_path: Path) -> None:
    orbit = extension("9", "set landed=orbit", "park")
    async with bench(tmp_path, extension("100", "bridge test/bob"), orbit) as b:
        b.script("bob", "answer@0")
        caller = b.call("100")
        await b.after(1)
        bob = b.legs.legs["bob"].session
        for variable in ("valet_parking_timeout=5", "valet_parking_orbit_exten=9"):
            bob.set(*variable.split("="))
        bob.set("hold_music", "tone_stream://%(100,0,440)")
        bob.set("valet_announce_slot", "false")
        await bob.execute("valet_park", "lot auto in 71 79")
        await b.after(1)
        assert not bob.channel.up
        assert place(b, "71") is caller
        assert caller.get("valet_hold_music") == "tone_stream://%(100,0,440)"
        assert caller.get("valet_ticket") is None
        assert caller.get("inline_destination") == (
            "m:^:set:valet_parking_timeout=5^set:valet_parking_orbit_exten=9"
            "^set:valet_hold_music=tone_stream://%(100,0,440)"
            f"^set:valet_ticket={caller.uuid}^valet_park:lot 71"
        )
        await b.after(5)
        assert caller.get("landed") == "orbit"
        caller.hangup()


async def test_a_kept_place_is_for_the_call_with_its_ticket(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, PARK) as b:
        now = b.switch.loop.time()
        b.switch.parking.reserve("lot", "6001", now + 5, "mine")
        other = await b.ended(b.call("1", variables={"valet_ticket": "theirs"}))
        assert other.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert "6001 in lot is kept for another call" in caplog.text
        mine = b.call("1", variables={"valet_ticket": "mine"})
        await b.after(1)
        assert place(b, "6001") is mine
        mine.hangup()
        await b.ended(mine)
        b.switch.parking.reserve("lot", "6001", b.switch.loop.time() + 5, "mine")
        await b.after(6)
        late = b.call("1", variables={"valet_ticket": "theirs"})
        await b.after(1)
        assert place(b, "6001") is late
        late.hangup()
