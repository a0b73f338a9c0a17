from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.support import action, document, told


def _told(folder: Path, application: str, data: str) -> list[str]:
    sounds = folder / "sounds"
    (sounds / "ivr" / "8000").mkdir(parents=True, exist_ok=True)
    (sounds / "ivr" / "8000" / "yes.wav").write_bytes(b"")
    return told(folder, document(action(application, data)), sound_prefix=str(sounds))


@pytest.mark.parametrize(
    ("application", "data"),
    [
        ("playback", "ivr/no.wav"),
        ("playback", "{loops=2}ivr/no.wav@@800"),
        ("playback", "/nowhere/no.wav"),
        ("playback", "file_string://ivr/yes.wav!ivr/no.wav"),
        ("endless_playback", "ivr/no"),
        ("loop_playback", "+3 ivr/no.wav"),
        ("read", "1 4 ivr/no.wav digits 5000 #"),
        ("play_and_get_digits", "1 4 3 5000 # ivr/yes.wav ivr/no.wav digits \\d+"),
        ("broadcast", "ivr/no.wav both"),
    ],
)
def test_a_sound_that_is_not_there_is_told(tmp_path: Path, application: str, data: str) -> None:
    [message] = _told(tmp_path, application, data)
    assert message.startswith("L821 ")
    assert "no.wav: there is no such file." in message or "ivr/no: there is" in message


@pytest.mark.parametrize(
    ("application", "data"),
    [
        ("playback", "ivr/yes.wav"),
        ("playback", "ivr/yes"),
        ("playback", "$${sound_prefix}/ivr/yes.wav"),
        ("playback", "ivr/${uuid}.wav"),
        ("playback", "silence"),
        ("playback", "phrase:hello"),
        ("playback", "tone_stream://%(100,0,440)"),
        ("playback", "tone_stream://path=busy.ttml"),
        ("playback", "silence_stream://100"),
        ("playback", ""),
        ("read", "1 4"),
    ],
)
def test_a_sound_that_is_there_or_not_known_yet_is_not_told(
    tmp_path: Path, application: str, data: str
) -> None:
    assert _told(tmp_path, application, data) == []


def test_a_scheme_that_nobody_opens_is_told(tmp_path: Path) -> None:
    [message] = _told(tmp_path, "playback", "tone_steam://%(1,1,1)")
    assert message == "L823 nothing opens tone_steam:// / did you mean tone_stream?"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("%(1,1,1)x", "%(1,1,1)x: 'x' is neither a tone nor a key at character 9"),
        ("q=1;1", "q=1;1: there is no setting 'q=' at character 1"),
    ],
)
def test_what_means_nothing_in_a_tone_script_is_told(
    tmp_path: Path, script: str, told: str
) -> None:
    [message] = _told(tmp_path, "playback", f"tone_stream://{script}")
    assert message == f"L824 {told} / it is played without that"


def test_the_script_of_gentones_is_read_without_its_count(tmp_path: Path) -> None:
    assert _told(tmp_path, "gentones", "%(100,200,440)|-1") == []
    [message] = _told(tmp_path, "gentones", "%(100,200,440);x|3")
    assert message.startswith("L824 %(100,200,440);x: 'x' is neither")


def test_a_tone_script_of_which_nothing_is_heard_is_told(tmp_path: Path) -> None:
    [message] = _told(tmp_path, "playback", "tone_stream://%(100,200)")
    assert message == (
        "L824 %(100,200): a tone is %(on,off,frequency...); nothing behind it is played at "
        "character 1 / such a playback fails"
    )


def test_a_folder_that_is_missing_is_told_once(tmp_path: Path) -> None:
    text = document(action("playback", "a.wav") + action("read", "1 2 b.wav v 1000 #"))
    found = [m for m in told(tmp_path, text, sound_prefix="/nowhere") if m[:2] == "L8"]
    assert found == [
        "L822 the folder of sounds does not exist: /nowhere (and at 1 other places) / "
        "set sound_prefix in vars.xml"
    ]
