from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.lint.dial_strings import without_references
from tests.lint.support import action, document, told


@pytest.mark.parametrize(
    ("dial_string", "expected"),
    [
        ("sofai/internal/1@h", "L871 there is no endpoint 'sofai' / did you mean sofia?"),
        ("verto.rtc/1", "L877 the endpoint 'verto.rtc' of FreeSWITCH is not here"),
        ("sofia/gateway/provder/1", "L872 there is no gateway 'provder' / did you mean provider?"),
        ("sofia/gateway/internal::other/1", "L872 there is no gateway 'other' / gateways are"),
        ("sofia/internl/1@h", "L873 there is no SIP profile 'internl' / did you mean internal?"),
        ("user/1005", "L874 there is no user '1005' in domain 'd.test' / the domain has 2 users"),
        ("user/1000@other", "L874 there is no user '1000' in domain 'other' / domains are d.test"),
        ("group/sale", "L875 there is no group 'sale' in domain 'd.test' / groups are sales"),
        ("{a=b", "L876 this rings nobody: "),
        ("user/1000|user/9,user/9", "L874 there is no user '9'"),
        ("{x=1}[y=2]sofia/gateway/none/$1", "L872 there is no gateway 'none'"),
    ],
)
def test_what_a_dial_string_names_must_be_there(
    tmp_path: Path, dial_string: str, expected: str
) -> None:
    text = document(action("bridge", dial_string))
    found = [message for message in told(tmp_path, text) if message[:2] == "L8"]
    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    "dial_string",
    [
        "sofia/gateway/provider/1",
        "sofia/gateway/internal::provider/1",
        "sofia/gateway/${default_gateway}/1",
        "sofia/d.test/1@h",
        "user/1000@d.test,user/1001",
        "user/${dialed_user}@d.test",
        "group/sales+F",
        "loopback/9196",
        "error/user_busy",
        "${group_call(sales@d.test)}",
        "[a=${uuid}]user/1000:_:{b=c}user/1001",
    ],
)
def test_what_is_there_or_not_known_yet_is_not_told(tmp_path: Path, dial_string: str) -> None:
    assert told(tmp_path, document(action("bridge", dial_string))) == []


def test_references_are_one_character_each() -> None:
    assert len(without_references("${a}${b(${c})}$1${2}")) == 4
    assert without_references("a${b") == f"a{without_references('${b}')}"
    assert without_references("plain$") == "plain$"


def test_what_many_places_name_and_is_not_there_is_told_once(tmp_path: Path) -> None:
    bridge = action("bridge", "sofia/gateway/none/1")
    text = document(bridge + bridge.replace("5551", "5552") + bridge.replace("5551", "5553"))
    [message] = [line for line in told(tmp_path, text) if line.startswith("L872")]
    assert message.startswith("L872 there is no gateway 'none' (and at 2 other places)")
