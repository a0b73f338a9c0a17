"""Where the operator's files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.python.settings import folder_of, read_settings

DOCUMENT = '<document type="freeswitch/xml"><section name="configuration">{}</section></document>'


@pytest.mark.parametrize(
    ("value", "folder"), [(None, "python"), ("", "python"), ("mine", "mine"), ("/a/b", "/a/b")]
)
def test_the_folder_is_beside_the_configuration_or_as_named(
    tmp_path: Path, value: str | None, folder: str
) -> None:
    written = f'<param name="folder" value="{value}"/>' if value is not None else ""
    conf = f'<configuration name="python.conf"><settings>{written}</settings></configuration>'
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT.format(conf if value is not None else ""))
    assert folder_of(load(tmp_path, {})) == tmp_path / folder


def test_unknown_settings_are_told(tmp_path: Path) -> None:
    conf = (
        '<configuration name="python.conf"><settings><param name="foldr" value="x"/>'
        "</settings></configuration>"
    )
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT.format(conf))
    _, [finding] = read_settings(load(tmp_path, {}))
    assert finding.code == "S401" and "did you mean 'folder'?" in finding.hint
