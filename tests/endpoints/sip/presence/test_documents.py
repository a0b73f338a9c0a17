"""Bodies of NOTIFY: well-formed whatever names callers give themselves."""

from __future__ import annotations

from email import message_from_bytes

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


@pytest.mark.parametrize(
    ("states", "roots"),
    [
        ({}, []),
        ({"doNotDisturbOn": "true"}, ["DoNotDisturbEvent"]),
        ({"forward_busy_enabled": "true", "forward_busy": "<9>"}, ["ForwardingEvent"]),
        (
            {
                "doNotDisturbOn": "false",
                "forward_immediate_enabled": "false",
                "forward_no_answer_enabled": "true",
                "forward_no_answer": "9",
                "ringCount": "3",
            },
            ["DoNotDisturbEvent", "ForwardingEvent", "ForwardingEvent"],
        ),
    ],
)
def test_each_feature_is_a_document_of_its_own(states: dict[str, str], roots: list[str]) -> None:
    kind, body = documents.features("1000", states)
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    parts = [part.get_payload() for part in message_from_bytes(head + body).walk()]
    texts = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    found = [etree.fromstring(text.encode()) for text in texts]
    assert [item.tag.rpartition("}")[2] for item in found] == roots
    for item in found:
        assert item[0].text == "1000"
    if "ringCount" in states:
        assert [child.text for child in found[-1]] == ["1000", "forwardNoAns", "true", "9", "3"]
    assert kind.startswith("multipart/") == (len(roots) > 1)
