"""Bodies of NOTIFY: well-formed whatever names callers give themselves."""

from __future__ import annotations

import pytest
from lxml import etree

from softswitch.endpoints.sip.presence import documents
from softswitch.endpoints.sip.presence.state import DialogState, Person

ENTITY = "sip:1000@example.test"
NAMES = ["Bob", "<x>&\"'", "a\x00b\ud800", "é\n"]


@pytest.mark.parametrize("name", NAMES)
def test_dialogs_are_well_formed(name: str) -> None:
    dialog = DialogState("u", True, "early", name, f"{name}1", "c", "l", "r")
    text = documents.dialog_info(ENTITY, [dialog], 3, partial=True)
    root = etree.fromstring(text)
    assert (root.get("version"), root.get("state"), root.get("entity")) == ("3", "partial", ENTITY)
    (found,) = root
    assert (found.get("direction"), found.get("call-id")) == ("recipient", "c")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("person", "there", "basic", "activity"),
    [
        (Person(), True, "open", ""),
        (Person(), False, "closed", ""),
        (Person("dnd"), True, "open", "busy"),
        (Person("away", open=False), True, "closed", "away"),
        (Person("<script>"), True, "open", ""),
    ],
)
def test_presence_is_well_formed(
    name: str, person: Person, there: bool, basic: str, activity: str
) -> None:
    person.status = name
    root = etree.fromstring(documents.presence(ENTITY, [], person, there=there))
    text = etree.tostring(root).decode()
    assert f"<basic>{basic}</basic>" in text
    assert (f"<rpid:{activity}/>" in text) is bool(activity)


@pytest.mark.parametrize(
    ("dialog", "note"),
    [
        (DialogState("u", True, "early", number="5"), "Ring 5"),
        (DialogState("u", False, "early", number="5"), "Call 5"),
        (DialogState("u", False, "confirmed", number="5"), "Talk 5"),
        (DialogState("u", False, "confirmed", number="5", held=True), "hold"),
    ],
)
def test_a_call_is_told_in_words(dialog: DialogState, note: str) -> None:
    text = documents.presence(ENTITY, [dialog], Person(), there=False).decode()
    assert f"<dm:note>{note}</dm:note>" in text
    assert "<basic>open</basic>" in text


def test_a_message_summary_has_one_line_for_each_word() -> None:
    text = documents.message_summary(ENTITY, {"MWI-Voice-Message": "1/0\r\nX: y", "other": "z"})
    assert text == b"Voice-Message: 1/0  X: y\r\n"
