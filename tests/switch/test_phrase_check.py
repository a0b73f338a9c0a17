from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.errors import Finding
from softswitch.switch.phrase_check import validate_phrases

DOCUMENT = """<document type="freeswitch/xml">
<section name="configuration"><configuration name="ivr.conf"><menus>
{menu}
</menus></configuration></section>
<section name="languages"><language name="en"><phrases><macros>
<macro name="hello"><input pattern="{pattern}"><match>
{action}
</match></input></macro></macros></phrases></language></section></document>
"""
GOOD = '<action function="play-file" data="a.wav"/>'
VANILLA = Path(__file__).resolve().parents[2] / "../shared/data/freeswitch-vanilla"
SHIPPED = Path(__file__).resolve().parents[2] / "conf"


def found(folder: Path, action: str = GOOD, pattern: str = "(.*)", menu: str = "") -> list[Finding]:
    text = DOCUMENT.format(action=action, pattern=pattern, menu=menu)
    (folder / "freeswitch.xml").write_text(text)
    return validate_phrases(load(folder, {}))


@pytest.mark.parametrize(
    ("action", "code", "message"),
    [
        (GOOD, "", ""),
        ('<action function="dance"/>', "I911", "'dance' is no function of phrases"),
        ("<action/>", "I911", "'' is no function of phrases"),
        ('<action function="say" type="number" method="pronounced" data="1"/>', "", ""),
        ('<action function="say" type="sums" method="pronounced"/>', "I913", "'sums' is no kind"),
        ('<action function="say" type="number" method="loud"/>', "I913", "'loud' is no method"),
        ('<action function="say" type="$1" method="counted" gender="x"/>', "I913", "'x' is no"),
        ('<action function="phrase" phrase="hello"/>', "", ""),
        ('<action function="phrase" phrase="voicemail_goodbye"/>', "", ""),
        ('<action function="phrase" phrase="hello@group"/>', "", ""),
        ('<action function="phrase" phrase="nosuch"/>', "I914", "there is no phrase 'nosuch'"),
        ('<action function="break"/>', "", ""),
    ],
)
def test_mistakes_in_actions_are_told_with_their_line(
    tmp_path: Path, action: str, code: str, message: str
) -> None:
    findings = found(tmp_path, action)
    assert [finding.code for finding in findings] == ([code] if code else [])
    for finding in findings:
        assert finding.line == 7
        assert message in finding.message


def test_a_pattern_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, pattern="^(1")
    assert finding.code == "I912"


@pytest.mark.parametrize(
    ("menu", "codes"),
    [
        ('<menu name="a" greet-long="phrase:hello:1" greet-short="a.wav"/>', []),
        ('<menu name="a" greet-long="phrase:nosuch"/>', ["I915"]),
        ('<menu name="a" exit-sound="phrase:nosuch" confirm-macro="none"/>', ["I915", "I915"]),
        ('<menu name="a" greet-long="say:hello" confirm-macro=""/>', []),
    ],
)
def test_phrases_of_menus_must_exist(tmp_path: Path, menu: str, codes: list[str]) -> None:
    assert [finding.code for finding in found(tmp_path, menu=menu)] == codes


def test_the_shipped_phrases_are_in_order(tmp_path: Path) -> None:
    known = dict.fromkeys(
        ("default_password", "default_vm_pin", "event_socket_password", "nonce_secret"), "x"
    )
    known |= {"data_dir": str(tmp_path), "local_ip_v4": "127.0.0.1", "conf_dir": str(SHIPPED)}
    (tmp_path / "secrets.xml").write_text("<include>\n</include>\n")
    assert validate_phrases(load(SHIPPED, known)) == []


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_the_phrases_of_freeswitch_are_understood(tmp_path: Path) -> None:
    (tmp_path / "freeswitch.xml").write_text(
        '<document type="freeswitch/xml">\n<section name="languages">\n'
        f'<X-PRE-PROCESS cmd="include" data="{VANILLA}/lang/en/en.xml"/>\n</section></document>'
    )
    findings = validate_phrases(load(tmp_path, {"sound_prefix": "/s"}))
    assert [str(finding).partition("\n")[0] for finding in findings] == []
