from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.httapi.support import configuration, leader, loaded, permission
from tests.modules.httapi.test_work import HTTAPI, STAY, led
from tests.support.audio import tone, write_wav
from tests.support.switch import bench, extension

BINDS = '<bind strip="#">~\\d+#</bind>'


@pytest.mark.parametrize(
    ("work", "keys", "sent"),
    [
        (f'<pause milliseconds="3000" name="exten">{BINDS}</pause>',
         "digit:4@0.2 digit:2@0.3 digit:#@0.4", {"exten": "42", "input_type": "dtmf"}),
        (f'<playback file="tone_stream://%(400,0,440)">{BINDS}</playback>',
         "digit:7@0.2 digit:#@0.6", {"dialed_digits": "7", "input_type": "dtmf"}),
        ('<pause milliseconds="100" error-file="silence_stream://20"><bind>1</bind></pause>',
         "", {"dialed_digits": "invalid", "input_type": "invalid"}),
        ('<pause milliseconds="100"/>', "", {}),
        ('<playback file="silence_stream://50"/>', "", {}),
        ("<playback>silence_stream://50</playback>", "", {}),
    ],
)  # fmt: skip
async def test_keys_are_sent_to_the_server(
    tmp_path: Path, work: str, keys: str, sent: dict[str, str]
) -> None:
    async with leader() as server:
        server.say(work)
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await led(await loaded(b), 1, script=keys)
        asked = server.asked[1]
        names = ("exten", "dialed_digits", "input_type")
        assert {name: asked[name] for name in names if name in asked} == sent


async def test_keys_lead_to_another_address_or_number(tmp_path: Path) -> None:
    async with leader() as server:
        server.say(
            f'<pause milliseconds="9000"><bind action="{server.url}/one">1</bind></pause>',
            '<pause milliseconds="9000"><bind action="dial:other:XML">200</bind></pause>',
        )
        numbers = (HTTAPI, extension("200", STAY))
        others = f'<context name="other">{extension("200", STAY)}</context>'
        granted = permission("dial-set-context")
        configured = configuration(server, granted)
        async with bench(tmp_path, *numbers, configuration=configured, contexts=others) as b:
            keys = "digit:1@0.3 digit:2@0.8 digit:0@0.9 digit:0@1.0"
            call = await led(await loaded(b), 2, script=keys)
            assert server.paths[:2] == ["/start", "/one"]
            profile = call.channel.profile
            assert (profile.destination_number, profile.context) == ("200", "other")


async def test_a_sound_is_repeated_while_nothing_is_pressed(tmp_path: Path) -> None:
    async with leader() as server:
        server.say(
            '<playback file="silence_stream://20" input-timeout="50" loops="2"><bind>1</bind>'
            "</playback>"
        )
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            call = await led(await loaded(b), 1)
            assert b.names(call).count("PLAYBACK_START") == 3


async def test_what_is_recorded_is_sent(tmp_path: Path) -> None:
    write_wav(tmp_path / "beep.wav", tone(440, 20))
    async with leader() as server:
        server.say(
            f'<record file="../../my file.wav" name="msg" limit="1" terminators="#"'
            f' beep-file="{tmp_path}/beep.wav"/>'
        )
        async with bench(tmp_path / "switch", HTTAPI, configuration=configuration(server)) as b:
            await led(await loaded(b), 1, script="digit:#@0.5")
        assert server.methods[1] == "POST"
        filename, content = server.asked[1]["msg"]
        assert filename == "______my_file.wav"
        assert content.startswith(b"RIFF")
        assert not list((tmp_path / "switch").rglob("*my_file*")), "it is removed"


@pytest.mark.parametrize(
    "work",
    [
        "<playback/>",
        '<playback file=""><bind>1</bind></playback>',
        "<speak>hello</speak>",
        '<say language="en">1</say>',
        '<say language="en" type="nonsense" method="pronounced">1</say>',
        "<record/>",
    ],
)
async def test_an_instruction_that_lacks_something_ends_it(tmp_path: Path, work: str) -> None:
    async with leader() as server:
        server.say(work)
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await led(await loaded(b), 1)
            assert [asked for asked in server.asked if asked.get("exiting") is None][1:] == []


async def test_words_are_said_from_prompts(tmp_path: Path) -> None:
    async with leader() as server:
        server.say('<say language="en" type="number" method="pronounced" text="7"/>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            call = await led(await loaded(b), 1)
            assert len(server.asked) == 2 and call.ready


@pytest.mark.parametrize("action", ["", "/recorded"])
async def test_a_whole_call_is_recorded_and_sent_at_its_end(tmp_path: Path, action: str) -> None:
    async with leader() as server:
        where = f' action="{server.url}{action}"' if action else ""
        server.say(f'<recordCall name="all"{where}/><pause milliseconds="60000"/>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await loaded(b)
            call = b.call("1", script="hangup@2", variables={"RECORD_MIN_SEC": "0"})
            await b.ended(call, within=60)
            times = 3 if action else 2
            await server.until_asked(times)
        assert server.paths == ["/start", *(["/recorded"] if action else []), "/start"]
        filename, content = server.asked[1]["all"]
        assert filename.endswith(".wav") and content.startswith(b"RIFF")
        assert [asked.get("exiting") for asked in server.asked[1:]] == ["true"] * (times - 1)


async def test_a_key_that_ends_a_recording_may_lead_elsewhere(tmp_path: Path) -> None:
    async with leader() as server:
        server.say(f'<record file="a.wav"><bind action="{server.url}/one">1</bind></record>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await led(await loaded(b), 1, script="digit:1@0.5")
        assert server.paths[:2] == ["/start", "/one"] and "attached_file" in server.asked[1]
