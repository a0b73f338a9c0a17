from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.switch.session import Session
from tests.support.applications import application
from tests.support.engine import far_end
from tests.support.prompts import LENGTH_MS, ScriptedSpeaker, names_of, put_prompts
from tests.support.switch import Bench, bench, extension

MENUS = """<configuration name="ivr.conf"><menus>
<menu name="main" greet-long="ivr/ivr-welcome.wav" greet-short="ivr/ivr-hello.wav"
  invalid-sound="ivr/ivr-sorry.wav" exit-sound="voicemail/vm-goodbye.wav"
  transfer-sound="ivr/ivr-hold_connect_call.wav"
  timeout="4000" inter-digit-timeout="2000" max-failures="3" max-timeouts="2" digit-len="4"
  exec-on-max-failures="note failures" exec-on-max-timeouts="note timeouts">
  <entry action="menu-exec-app" digits="1" param="note one"/>
  <entry action="menu-exec-app" digits="2" param="transfer 2 XML default"/>
  <entry action="menu-sub" digits="3" param="sub"/>
  <entry action="menu-sub" digits="4" param="main"/>
  <entry action="menu-play-sound" digits="5" param="ivr/ivr-one_moment_please.wav"/>
  <entry action="menu-say-phrase" digits="6" param="count,7"/>
  <entry action="menu-exit" digits="7"/>
  <entry action="menu-exec-app" digits="8" param="nosuchapp x"/>
  <entry action="menu-sub" digits="81" param="nosuchmenu"/>
  <entry action="menu-top" digits="9"/>
  <entry action="menu-exec-app" digits="/^(10[01][0-9])$/" param="note user $1"/>
  <entry action="menu-exec-app" digits="/^10(.*)$/" param="note ten $1"/>
</menu>
<menu name="sub" greet-long="ivr/ivr-sample_submenu.wav" max-timeouts="1" timeout="1000">
  <entry action="menu-back" digits="1"/>
  <entry action="menu-top" digits="*"/>
  <entry action="menu-sub" digits="2" param="sub"/>
  <entry action="menu-exit" digits="3"/>
</menu>
<menu name="secret" pin="1234" pin-file="ivr/ivr-enter_pin.wav"
  bad-pin-file="ivr/ivr-pin_incorrect.wav" greet-long="ivr/ivr-welcome.wav"
  exit-sound="voicemail/vm-goodbye.wav">
  <entry action="menu-exit" digits="1"/></menu>
<menu name="careful" greet-long="ivr/ivr-welcome.wav" confirm-macro="count" confirm-key="#"
  confirm-attempts="2" timeout="1000" max-failures="2">
  <entry action="menu-exit" digits="1"/></menu>
<menu name="spoken" greet-long="say:Press one" tts-engine="flite" tts-voice="rms">
  <entry action="menu-exec-app" digits="2" param="speak two"/>
  <entry action="menu-exit" digits="1"/></menu>
<menu name="brief" greet-long="ivr/ivr-welcome.wav" max-timeouts="1" timeout="1000"
  transfer-sound="ivr/ivr-hold_connect_call.wav" exec-on-max-timeouts="transfer 2 XML default"/>
<menu name="broken"><entry action="menu-dance" digits="1"/></menu>
<menu name="deep1"><entry action="menu-sub" digits="1" param="deep2"/></menu>
<menu name="deep2"><entry action="menu-sub" digits="1" param="deep1"/></menu>
</menus></configuration>"""
LANGUAGES = """<language name="en"><phrases><macros><macro name="count">
<input pattern="^(\\d+)$"><match>
<action function="say" type="number" method="pronounced" data="$1"/></match></input></macro>
</macros></phrases></language>"""

_WORDS = {
    "welcome": "ivr/ivr-welcome",
    "hello": "ivr/ivr-hello",
    "sorry": "ivr/ivr-sorry",
    "bye": "voicemail/vm-goodbye",
    "five": "ivr/ivr-one_moment_please",
    "hold": "ivr/ivr-hold_connect_call",
    "sub": "ivr/ivr-sample_submenu",
    "pin": "ivr/ivr-enter_pin",
    "bad": "ivr/ivr-pin_incorrect",
}


class Visit:
    """What a caller of a menu heard, and what was run."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.notes: list[str] = []
        self.status: str | None = None
        self.statuses: list[str | None] = []
        """What ``ivr_menu_status`` was at each of the notes."""
        self.events: list[str] = []
        self.spoken: list[str] = []
        self.went_on = False
        self.seconds = 0.0


async def visit(folder: Path, menu: str, script: str) -> Visit:
    """Call a menu; ``script`` is what the caller presses, timed from the answer."""
    result = Visit()
    sounds = put_prompts(folder)
    speaker = ScriptedSpeaker(folder)

    async def note(session: Session, data: str) -> None:
        result.notes.append(data)
        result.statuses.append(session.get("ivr_menu_status"))

    def look(b: Bench, session: Session) -> None:
        media = session.leg.media
        if media is not None:
            paths = names_of(far_end(media).played, sounds)
            names = {path: word for word, path in _WORDS.items()}
            result.heard = [names.get(path, path) for path in paths]

    async def end(session: Session, data: str) -> None:
        look(b, session)
        result.went_on = data == "after"

    actions = ("answer", f"ivr {menu}", "end after")
    with application("note", note), application("end", end):
        async with bench(
            folder,
            extension("1", *actions),
            extension("2", "end transferred"),
            configuration=MENUS,
            languages=LANGUAGES,
            speaker=speaker,
        ) as b:
            began = b.switch.loop.time()
            session = await b.ended(b.call("1", script=script))
            result.seconds = b.switch.loop.time() - began
            result.status = session.get("ivr_menu_status")
            result.spoken = [f"{s.engine}|{s.voice}|{s.text}" for s in speaker.spoken]
            result.events = [
                f"{event.subclass} {event.headers['Menu-Name']}"
                for event in b.events
                if event.name == "CUSTOM"
            ]
    return result


@pytest.mark.parametrize(
    ("script", "heard", "notes", "status"),
    [
        # No key: the short greeting, then the end.
        ("", "welcome hello bye", ["timeouts"], "timeout"),
        # One key and the time between digits; the menu goes on and ends by silence.
        ("digit:1@1", "welcome hello hello bye", ["one", "timeouts"], "timeout"),
        # The key ends the greeting.
        ("digit:1#@0.05 digit:7#@1", "welcome hello bye", ["one"], "success"),
        # An expression takes all four digits at once, and each that matches runs.
        ("digit:1005@1 digit:7#@2", "welcome hello bye", ["user 1005", "ten 05"], "success"),
        ("digit:1099@1 digit:7#@2", "welcome hello bye", ["ten 99"], "success"),
        # Wrong digits, the terminator alone, and a match that makes good for them.
        (
            *("digit:333#@1 digit:#@2 digit:1#@3 digit:0#@4 digit:0#@5 digit:0#@6",),
            "welcome sorry hello hello hello sorry hello sorry hello sorry bye",
            ["one", "failures"],
            "failure",
        ),
        # A menu below and back: the long greeting. The same menu again: the short one.
        ("digit:3#@1 digit:1@2 digit:7#@4", "welcome sub welcome bye", [], "success"),
        ("digit:4#@1 digit:7#@2", "welcome hello bye", [], "success"),
        (
            "digit:3#@1 digit:2@1.5 digit:*@2 digit:7#@4",
            "welcome sub sub welcome bye",
            [],
            "success",
        ),
        # Up to the top from the top is once more, from below anew.
        ("digit:9#@1 digit:7#@2", "welcome hello bye", [], "success"),
        # Leaving a menu below by its exit leaves all; who says nothing there comes back.
        ("digit:3#@1 digit:3@2", "welcome sub bye", [], "success"),
        ("digit:3#@1", "welcome sub welcome hello bye", ["timeouts"], "timeout"),
        ("digit:3#@1 digit:7#@4", "welcome sub welcome bye", [], "timeout"),
        # A key ends what is said of a wrong one, and counts.
        ("digit:333#@1 digit:7#@1.3", "welcome sorry hello bye", [], "success"),
        # What an entry plays is heard to its end, and what is typed meanwhile counts then.
        ("digit:5#@1 digit:7#@1.1", "welcome five hello bye", [], "success"),
        # The key that ends the input is one of all keys while the greeting plays.
        ("digit:#@0.05 digit:7#@2", "welcome sorry hello bye", [], "success"),
        ("digit:6#@1 digit:7#@2", "welcome digits/7 hello bye", [], "success"),
        # What cannot be run ends the menu.
        ("digit:8#@1", "welcome bye", [], "failure"),
        ("digit:81#@1", "welcome bye", [], "failure"),
    ],
)
async def test_a_menu_does_what_its_keys_say(
    tmp_path: Path, script: str, heard: str, notes: list[str], status: str
) -> None:
    result = await visit(tmp_path, "main", script)
    assert result.heard == heard.split()
    assert result.notes == notes
    assert result.status == status
    assert result.went_on


async def test_what_runs_at_a_limit_is_told_why(tmp_path: Path) -> None:
    for script, statuses in (
        ("digit:1#@1", ["success", "timeout"]),
        ("digit:0#@1 digit:0#@3 digit:0#@5", ["failure"]),
    ):
        result = await visit(tmp_path / str(len(script)), "main", script)
        assert result.statuses == statuses


async def test_no_sound_of_a_transfer_is_heard_at_a_limit(tmp_path: Path) -> None:
    result = await visit(tmp_path, "brief", "")
    assert result.heard == ["welcome"]
    assert not result.went_on


async def test_what_is_spoken_later_has_the_voice_of_the_menu_too(tmp_path: Path) -> None:
    result = await visit(tmp_path, "spoken", "digit:2@1 digit:1@3")
    assert result.spoken == ["flite|rms|Press one", "flite|rms|two", "flite|rms|Press one"]


async def test_digits_typed_ahead_go_through_several_menus(tmp_path: Path) -> None:
    result = await visit(tmp_path, "main", "digit:3#17#@0.05")
    assert result.heard == ["welcome", "sub", "welcome", "bye"]
    assert result.status == "success"
    assert result.seconds < 1


async def test_a_transfer_leaves_the_menu_after_its_sound(tmp_path: Path) -> None:
    result = await visit(tmp_path, "main", "digit:2#@1")
    assert result.heard == ["welcome", "hold"]
    assert not result.went_on
    assert result.events == ["menu::enter main", "menu::exit main"]


async def test_the_times_of_a_menu_are_kept(tmp_path: Path) -> None:
    silent = await visit(tmp_path, "main", "")
    assert silent.seconds == pytest.approx(2 * 4 + 3 * LENGTH_MS / 1000, abs=0.2)
    slow = await visit(tmp_path / "slow", "main", "digit:1@3 digit:5@4")
    # Four seconds after the greeting it is over, however slowly the caller types.
    assert slow.heard[:3] == ["welcome", "sorry", "hello"]


async def test_each_menu_is_told_by_events(tmp_path: Path) -> None:
    result = await visit(tmp_path, "main", "digit:3#@1 digit:1@2 digit:7#@4")
    assert result.events == [
        "menu::enter main",
        "menu::exit main",
        "menu::enter sub",
        "menu::exit sub",
        "menu::enter main",
        "menu::exit main",
    ]


@pytest.mark.parametrize(
    ("script", "heard", "status"),
    [
        ("digit:1234@1 digit:1@3", "pin welcome bye", "success"),
        ("digit:1111@1 digit:1234@2 digit:1@4", "pin bad pin welcome bye", "success"),
        # Ten seconds for each digit; who does not know it hears no goodbye.
        ("digit:1@1 digit:2@9 digit:34@18 digit:1@20", "pin welcome bye", "success"),
        ("digit:1111@1 digit:22#@2 digit:1111@3", "pin bad pin bad pin bad", "failure"),
    ],
)
async def test_a_menu_with_a_pin_asks_for_it(
    tmp_path: Path, script: str, heard: str, status: str
) -> None:
    result = await visit(tmp_path, "secret", script)
    assert (result.heard, result.status) == (heard.split(), status)


@pytest.mark.parametrize(
    ("script", "heard", "status"),
    [
        ("digit:1@0.5 digit:#@1", "welcome digits/1", "success"),
        ("digit:1@0.5 digit:#@2.5", "welcome digits/1 digits/1", "success"),
        ("digit:1@0.5 digit:5@1 digit:1#@1.5", "welcome digits/1 welcome digits/1", "success"),
        (
            "digit:1@0.5 digit:1@3.5",
            "welcome digits/1 digits/1 welcome digits/1 digits/1",
            "failure",
        ),
    ],
)
async def test_a_choice_is_confirmed_where_the_menu_asks_so(
    tmp_path: Path, script: str, heard: str, status: str
) -> None:
    result = await visit(tmp_path, "careful", script)
    assert (result.heard, result.status) == (heard.split(), status)


async def test_texts_are_spoken_with_the_voice_of_the_menu(tmp_path: Path) -> None:
    result = await visit(tmp_path, "spoken", "digit:1@1")
    assert result.spoken == ["flite|rms|Press one"]
    assert result.status == "success"


@pytest.mark.parametrize(
    ("menu", "script", "message"),
    [
        ("nosuch", "", "the menu 'nosuch' does not exist"),
        ("broken", "", "'menu-dance' is no action of menus"),
        ("deep1", "digit:11111111111111@1", "leads more than 12 menus deep"),
        ("main", "digit:8#@1", "menu main: there is no application nosuchapp"),
    ],
)
async def test_a_menu_that_cannot_be_run_is_left_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, menu: str, script: str, message: str
) -> None:
    result = await visit(tmp_path, menu, script)
    assert message in caplog.text
    assert result.went_on
    assert result.status == "failure"


async def test_a_hang_up_leaves_the_menu(tmp_path: Path) -> None:
    result = await visit(tmp_path, "main", "hangup@1")
    assert not result.went_on
    assert result.notes == []
    assert result.events == ["menu::enter main", "menu::exit main"]


async def test_another_key_may_end_the_input(tmp_path: Path) -> None:
    sounds = put_prompts(tmp_path)
    actions = ("answer", "set ivr_menu_terminator=*", "ivr main")
    async with bench(
        tmp_path, extension("1", *actions), configuration=MENUS, languages=LANGUAGES
    ) as b:
        session = await b.ended(b.call("1", script="digit:7*@1"))
        assert session.get("ivr_menu_status") == "success"
        assert sounds.exists()


VANILLA = Path(__file__).resolve().parents[2] / "../shared/data/freeswitch-vanilla"
DEMO = f"""<configuration name="ivr.conf"><menus>
<X-PRE-PROCESS cmd="include" data="{VANILLA}/ivr_menus/*.xml"/>
</menus></configuration>"""
DEMO_LANGUAGE = f"""
<X-PRE-PROCESS cmd="include" data="{VANILLA}/lang/en/en.xml"/>
"""


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
@pytest.mark.parametrize(
    ("script", "ends"),
    [
        ("digit:1@3", "bridge sofia/example.test/888@conference.freeswitch.org"),
        ("digit:2#@3", "9196 XML default"),
        ("digit:3#@1", "9664 XML default"),
        ("digit:5#@1", "1234*256 enum"),
        ("digit:1005@2", "1005 XML features"),
        ("digit:6#@1 digit:*@3 digit:9#@6 digit:4#@9", "9191 XML default"),
        ("digit:1099@1 digit:3#@5", "9664 XML default"),
        ("", None),
    ],
)
async def test_the_demo_menus_of_freeswitch_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, ends: str | None
) -> None:
    put_prompts(tmp_path)
    left: list[str] = []

    async def leave(session: Session, data: str) -> None:
        prefix = "bridge " if "sofia" in data else ""
        left.append(prefix + data)
        session.hangup()

    for name in ("bridge", "transfer"):
        entry = registry.application.find(name)
        assert entry is not None
        monkeypatch.setitem(registry.application._entries, name, replace(entry, target=leave))
    actions = ("answer", f"set sound_prefix={tmp_path}/sounds", "ivr demo_ivr")
    async with bench(
        tmp_path, extension("1", *actions), configuration=DEMO, languages=DEMO_LANGUAGE
    ) as b:
        session = await b.ended(b.call("1", script=script))
        assert left == ([ends] if ends else [])
        assert (session.get("ivr_menu_status") == "timeout") is (ends is None)
