from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.media.parameters import MixerParameters
from softswitch.modules.conference.settings import (
    ConferenceFile,
    ConferenceProfile,
    Control,
    read_settings,
)

VANILLA = Path(__file__).resolve().parents[4] / "shared/data/freeswitch-vanilla"


def read(folder: Path, inside: str) -> tuple[ConferenceFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="conference.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    element = load(folder, {}).configuration("conference.conf")
    settings, findings = read_settings(element)
    return settings, [str(finding).partition("\n")[0] for finding in findings]


def profile(name: str, value: str) -> str:
    return (
        f'<profiles><profile name="P"><param name="{name}" value="{value}"/></profile></profiles>'
    )


def test_profiles_and_keys_are_found_by_any_case(tmp_path: Path) -> None:
    settings, findings = read(
        tmp_path,
        '<caller-controls><group name="Boss"><control action="Lock" digits="*1"/>'
        '<control action="transfer" digits="5" data="9 XML x"/></group></caller-controls>'
        + profile("pin", "1234"),
    )
    assert findings == []
    found = settings.profile("p")
    assert found is not None and found.pin == "1234"
    assert settings.profile("other") is None
    assert settings.keys("boss") == {
        "*1": Control("lock"),
        "5": Control("transfer", "9 XML x"),
    }
    assert settings.keys("none") == settings.keys("nobody") == {}


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (profile("rate", "fast"), "should be auto or from 8000 to 48000"),
        (profile("rate", "96000"), "should be auto or from 8000 to 48000"),
        (profile("interval", "5"), "interval='5'"),
        (profile("energy-level", "2000"), "energy-level"),
        (profile("member-flags", "mute|loud"), "there is no flag 'loud'"),
        (profile("conference-flags", "wait_mod"), "there is no flag 'wait_mod'"),
        (profile("caller-controls", "some"), "there is no group of caller controls 'some'"),
        (profile("moh-sund", "x"), "moh-sund"),
        (
            '<caller-controls><group name="a"><control action="sing" digits="1"/></group>'
            "</caller-controls>",
            "there is no action 'sing'",
        ),
        (
            '<caller-controls><group name="a"><control action="mute" digits="x"/></group>'
            "</caller-controls>",
            "no keys of a telephone",
        ),
        (
            '<caller-controls><group name="a"><control action="vid-floor" digits="1"/></group>'
            "</caller-controls>",
            "there are no videos",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, inside: str, message: str) -> None:
    settings, findings = read(tmp_path, inside)
    assert len(findings) == 1 and message in findings[0], findings
    assert "freeswitch.xml:1:" in findings[0]
    for found in settings.profiles.values():
        assert found.mixer(8000).rate in (8000, 48000)


@pytest.mark.parametrize(
    ("made", "caller", "mixer"),
    [
        (ConferenceProfile(), 8000, MixerParameters()),
        (ConferenceProfile(rate="48000", channels=2), 8000, MixerParameters(48000, stereo=True)),
        (ConferenceProfile(rate="auto", interval=40), 16000, MixerParameters(16000, 40)),
        (ConferenceProfile(comfort_noise="true"), 8000, MixerParameters(comfort_noise=1400)),
        (ConferenceProfile(comfort_noise="900"), 8000, MixerParameters(comfort_noise=900)),
        (ConferenceProfile(comfort_noise="no"), 8000, MixerParameters()),
        (
            ConferenceProfile(conference_flags=("audio-always",)),
            8000,
            MixerParameters(ungated=True),
        ),
    ],
)
def test_a_profile_sets_up_its_mixer(
    made: ConferenceProfile, caller: int, mixer: MixerParameters
) -> None:
    assert made.mixer(caller) == mixer


def test_silence_is_no_music() -> None:
    assert ConferenceProfile(moh_sound="silence").music == ""
    assert ConferenceProfile(moh_sound="local_stream://moh").music == "local_stream://moh"


def test_without_a_file_there_is_nothing() -> None:
    assert read_settings(None) == (ConferenceFile({}, {}), [])


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_the_configuration_that_freeswitch_ships_is_understood() -> None:
    element = load(VANILLA, {}).configuration("conference.conf")
    settings, findings = read_settings(element)
    assert {"default", "wideband", "ultrawideband", "cdquality", "sla"} <= set(settings.profiles)
    assert settings.profiles["default"].energy_level == 100
    assert settings.keys("default")["*"] == Control("deaf mute")
    assert not [finding for finding in findings if finding.severity.name == "ERROR"]
