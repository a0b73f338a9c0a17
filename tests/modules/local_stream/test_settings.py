from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.config.store import ConfigurationStore
from softswitch.modules.local_stream.settings import read_stations

DOCUMENT = """<document type="freeswitch/xml"><section name="configuration">
<configuration name="local_stream.conf">
<directory name="moh/16000" path="/music/16000">
<param name="rate" value="16000"/><param name="shuffle" value="true"/>
<param name="chime-list" value="a.wav,b.wav"/><param name="chime-freq" value="40"/>
</directory>
{}</configuration></section></document>"""


def test_stations_are_read(tmp_path: Path) -> None:
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT.format(""))
    stations, findings = read_stations(ConfigurationStore(tmp_path, {}).current)
    moh = stations["moh/16000"]
    assert (moh.path, moh.rate, moh.shuffle) == ("/music/16000", 16000, True)
    assert (moh.chime_list, moh.chime_freq, moh.chime_max) == (("a.wav", "b.wav"), 40, 0)
    assert not findings, findings


@pytest.mark.parametrize(
    ("directory", "told"),
    [
        ('<directory name="" path="/nowhere"/>', "a station needs a name and a path"),
        ('<directory name="a" path="/a"><param name="rate" value="many"/></directory>', "many"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, directory: str, told: str) -> None:
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT.format(directory))
    with pytest.raises(ConfigurationErrors, match=told):
        ConfigurationStore(tmp_path, {})
