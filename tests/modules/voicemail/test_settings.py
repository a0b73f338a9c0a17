from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.voicemail.settings import Profile, read_profiles
from tests.modules.voicemail.support import params

DOCUMENT = """<document type="freeswitch/xml"><section name="configuration">
{configuration}
</section></document>"""
VANILLA = Path(__file__).resolve().parents[3] / "../shared/data/freeswitch-vanilla"


def read(folder: Path, configuration: str) -> tuple[dict[str, Profile], list[str]]:
    (folder / "freeswitch.xml").write_text(DOCUMENT.format(configuration=configuration))
    profiles, findings = read_profiles(load(folder, {}))
    return profiles, [finding.code for finding in findings]


def profile(inside: str) -> str:
    return f"""<configuration name="voicemail.conf"><profiles><profile name="x">
{inside}</profile></profiles></configuration>"""


def test_without_a_configuration_there_is_a_default_profile(tmp_path: Path) -> None:
    profiles, codes = read(tmp_path, "")
    assert profiles == {"default": Profile("default")}
    assert codes == []


def test_settings_have_the_defaults_of_freeswitch(tmp_path: Path) -> None:
    settings = read(tmp_path, profile(""))[0]["x"].settings
    assert (settings.terminator_key, settings.urgent_key, settings.callback_key) == ("#", "*", "5")
    assert (settings.min_record_len, settings.max_record_len) == (3, 300)
    assert settings.digit_timeout == 10.0
    assert settings.tone_spec == "%(1000, 0, 640)"
    assert settings.operator_key == settings.vmain_key == ""


@pytest.mark.parametrize(
    ("inside", "codes"),
    [
        (params(pause_key="12"), ["V901"]),
        (params(pause_key="x"), ["V901"]),
        (params(pause_key=""), []),
        (params(min_record_len="-1"), ["S403"]),
        (params(login_keys="01"), []),
        (params(no_such="1"), ["S401"]),
        (params(odbc_dsn="x"), ["S405"]),
        (f"<email>{params(smtp_tls='never')}</email>", ["S402"]),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, codes: list[str]) -> None:
    assert read(tmp_path, profile(inside))[1] == codes


def test_mail_has_settings_of_its_own(tmp_path: Path) -> None:
    inside = f"<email>{params(email_from='vm@a.test', smtp_server='mail:2525')}</email>"
    email = read(tmp_path, profile(inside))[0]["x"].email
    assert (email.email_from, email.smtp_server) == ("vm@a.test", "mail:2525")


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_the_profile_of_freeswitch_is_understood(tmp_path: Path) -> None:
    include = f'<X-PRE-PROCESS cmd="include" data="{VANILLA}/autoload_configs/voicemail.conf.xml"/>'
    profiles, codes = read(tmp_path, include)
    settings = profiles["default"].settings
    assert (settings.operator_key, settings.vmain_extension) == ("9", "vmain XML default")
    assert profiles["default"].email.template_file == "voicemail.tpl"
    # Without effect here: the page of messages for browsers.
    assert codes == ["S405"]
