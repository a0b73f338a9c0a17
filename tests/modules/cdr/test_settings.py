from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.config.store import ConfigurationStore
from softswitch.modules.cdr.settings import (
    EXAMPLE,
    read_csv,
    read_formats,
    read_json,
    read_sqlite,
    read_xml,
    templates,
)
from tests.modules.cdr.support import configuration
from tests.support.switch import DOCUMENT


def read(folder: Path, text: str) -> ConfigurationStore:
    (folder / "freeswitch.xml").write_text(
        DOCUMENT.format(configuration=text, dialplan="", directory="", languages="")
    )
    return ConfigurationStore(folder, {})


def test_defaults_are_freeswitchs(tmp_path: Path) -> None:
    current = read(tmp_path, "").current
    csv, findings = read_csv(current)
    assert (csv.default_template, csv.legs, csv.rotate_on_hup) == ("example", "ab", False)
    assert findings == []
    xml, _ = read_xml(current)
    assert (xml.log_dir, xml.retries, xml.encode, xml.b_leg) == (None, 0, "true", False)
    assert read_sqlite(current)[0].db_table == "cdr"
    assert read_formats(current) == ({}, [])
    assert templates(current, "cdr_csv.conf") == {"example": EXAMPLE}


def test_profiles_and_templates_are_read(tmp_path: Path) -> None:
    profile = (
        '<profile name="web"><settings><param name="format" value="json"/>'
        '<param name="url" value="http://a/"/><param name="url" value="http://b/"/>'
        "</settings></profile>"
    )
    text = configuration("format_cdr.conf", f"<profiles>{profile}</profiles>") + configuration(
        "cdr_csv.conf", "<templates><template name='mine'> ${uuid} </template></templates>"
    )
    current = read(tmp_path, text).current
    formats, findings = read_formats(current)
    assert findings == []
    assert formats["web"].format == "json"
    assert formats["web"].urls == ("http://a/", "http://b/")
    assert templates(current, "cdr_csv.conf")["mine"] == "${uuid}"


@pytest.mark.parametrize(("written", "meant"), [("false", "appljson"), ("base64", "base64")])
def test_json_cdr_posts_the_plain_document_unless_it_is_encoded(
    tmp_path: Path, written: str, meant: str
) -> None:
    settings, findings = read_json(
        read(tmp_path, configuration("json_cdr.conf", encode=written)).current
    )
    assert findings == []
    assert (settings.format, settings.encode) == ("json", meant)


def test_a_wrong_value_has_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as refused:
        read(tmp_path, configuration("cdr_csv.conf", legs="c"))
    [finding] = refused.value.findings
    assert finding.message == "legs='c': known are a, b, ab"
    assert finding.line == 3
