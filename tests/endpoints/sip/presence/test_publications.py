"""What phones publish: three words of a PIDF, searched and never parsed."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.presence.publications import read_pidf
from softswitch.endpoints.sip.presence.state import Person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("<status><basic>open</basic></status><note>Hi</note>", Person("", "Hi", True)),
        ("<p:basic>closed</p:basic>", Person("", "", False)),
        ("<rpid:activities><rpid:busy/></rpid:activities>", Person("busy", "", None)),
        ("<r:activities>\n <r:on-the-phone />", Person("on-the-phone", "", None)),
        ("<note>${system(x)}</note>", Person("", "%{system(x)}", None)),
        ("garbage", Person()),
        ("<basic>" * 1000, Person()),
    ],
)
def test_a_pidf_is_read(text: str, person: Person) -> None:
    assert read_pidf(text) == person
