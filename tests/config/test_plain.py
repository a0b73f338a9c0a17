"""Files that stand for themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.config.plain import read_section

CONTEXT = '<context name="a"><extension name="$${x}"/></context>'


@pytest.mark.parametrize(
    "text",
    [
        f'<section name="dialplan">{CONTEXT}</section>',
        f'<document><section name="x"/><section name="dialplan">{CONTEXT}</section></document>',
        f'<?xml version="1.0"?>\n<section name="Dialplan">{CONTEXT}</section>',
        f'\n<!-- mine -->\n<section name="dialplan">{CONTEXT}</section>\n',
    ],
)
def test_the_section_is_found_and_not_preprocessed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.xml"
    path.write_text(text)
    [context] = read_section(path, "dialplan").findall("context")
    assert context.children[0].get("name") == "$${x}"
    assert context.file == str(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<section name='other'/>", "1:1: C307 there is no section 'dialplan' in this file"),
        ("", "1:1: C307 there is no section 'dialplan' in this file"),
        ("<section name='dialplan'>\n<context>\n</section>", "2:1: X101"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "plan.xml"
    path.write_text(text)
    with pytest.raises(ConfigurationErrors) as refused:
        read_section(path, "dialplan")
    assert str(refused.value.findings[0]).startswith(f"{path}:{told}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as refused:
        read_section(tmp_path / "none.xml", "dialplan")
    assert "P206 the file cannot be read" in str(refused.value.findings[0])
