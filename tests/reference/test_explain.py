from __future__ import annotations

import pytest

from softswitch.lint.check import load_owners
from softswitch.reference.explain import explain, suggestions


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_owners()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("playback", ["application playback <path>", "Play a file or stream", "mod_dptools"]),
        ("ANSWER", ["application answer", "missing: the flag decode_video", "runs without media"]),
        ("set", ['inline="true"']),
        ("rxfax", ["FreeSWITCH has it (mod_spandsp); softswitch does not"]),
        ("toupper", ["command toupper <string>"]),
        ("sha1", ["FreeSWITCH has no such name"]),
        ("user", ["endpoint user", "wherever the directory says"]),
        ("tone_stream://", ["file format tone_stream://"]),
        ("hangup_cause", ["variable hangup_cause", "set by the switch; bridging"]),
        ("${hangup_cause}", ["variable hangup_cause"]),
        ("sip_h_X-Account", ["variable sip_h_..."]),
        ("rtp_timer_name", ["the engine has one clock", "here it is accepted and has no effect"]),
        ("media_webrtc", ["in FreeSWITCH read by the switch; softswitch does not do that"]),
        ("timer-t1", ["setting timer-T1", "a number of milliseconds; default 500"]),
        ("keepalive-method", ["here it has no effect: calls are kept alive by session timers"]),
        ("l801", ["finding L801", "an application is not known"]),
        ("mod_event_socket", ["module mod_event_socket"]),
        ("mod_sofia", ["module mod_sofia", "built in"]),
        ("mod_lua", ["module mod_lua", "there are no scripts in Lua"]),
        ("sofia.conf", ["<settings> of a <profile>", "sip-port", "<gateway>"]),
        ("destination_number", ['field="destination_number"', "${destination_number}"]),
        ("$${domain}", ["variable domain"]),
        ("Dial-String", ["user parameter dial-string", "what user/ dials"]),
        ("wday", ["dialplan wday", "1 (Sunday)"]),
        ("x-pre-process", ["dialplan X-PRE-PROCESS"]),
        ("user_busy", ["hang-up cause USER_BUSY", "17 of Q.850", "error/USER_BUSY"]),
        ("error/USER_BUSY", ["endpoint error"]),
        ("tone_stream", ["file format tone_stream://"]),
    ],
)
def test_a_name_is_explained(name: str, parts: list[str]) -> None:
    text = "\n".join(explain(name))
    assert all(part in text for part in parts), text


def test_a_name_of_several_things_is_explained_as_each() -> None:
    kinds = [text.split(" ")[0] for text in explain("limit_usage")]
    assert kinds == ["command", "variable"]


def test_marks_of_the_source_are_not_shown() -> None:
    assert "``" not in "\n".join(explain("playback"))


def test_what_is_not_known_has_no_text_but_suggestions() -> None:
    assert explain("plaback") == []
    assert suggestions("plaback")[0] == "playback"
    assert suggestions("qqqqqqqq") == []
