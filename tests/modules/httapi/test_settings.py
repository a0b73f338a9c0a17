from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.modules.httapi.settings import HttapiFile, read_file


def read(folder: Path, inside: str) -> tuple[HttapiFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="httapi.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    file, findings = read_file(configuration.configuration("httapi.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    return file, [finding.message for finding in findings]


def test_profiles_are_read(tmp_path: Path) -> None:
    file, findings = read(
        tmp_path,
        '<settings><param name="debug" value="true"/></settings><profiles><profile name="a">'
        '<conference><param name="default-profile" value="wide"/></conference>'
        '<permissions><permission name="dial" value="false"/></permissions><params>'
        '<param name="gateway-url" value="http://x/"/><param name="method" value="POST"/>'
        '<param name="timeout" value="7"/><param name="enable-post-var" value="a"/>'
        '<param name="enable-post-var" value="b"/></params></profile></profiles>',
    )
    assert findings == [] and file.settings.debug
    profile = file.profiles["a"]
    assert profile.conference_profile == "wide" and not profile.permissions.has("dial")
    server = profile.server
    assert (server.url, server.method, server.timeout) == ("http://x/", "POST", 7)
    assert server.post_vars == ("a", "b") and server.check_certificate


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<profiles><profile/></profiles>", "this <profile> has no name"),
        ('<profiles><profile name="a"/><profile name="a"/></profiles>', "'a' stands twice"),
        (
            '<settings><param name="file-cache-ttl" value="300"/></settings>',
            "known and without effect here: file-cache-ttl",
        ),
        (
            '<profiles><profile name="a"><params><param name="auth-scheme" value="digest"/>'
            "</params></profile></profiles>",
            "known and without effect here: auth-scheme",
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    assert read(tmp_path, inside)[1] == [message]
