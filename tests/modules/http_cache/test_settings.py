from __future__ import annotations

from pathlib import Path

from softswitch.config.store import ConfigurationStore
from softswitch.modules.http_cache.settings import HttpCacheSettings, read_settings

DOCUMENT = """<document type="freeswitch/xml"><section name="configuration">
<configuration name="http_cache.conf"><settings>
<param name="max-urls" value="7"/><param name="default-max-age" value="60"/>
<param name="enable-file-formats" value="true"/>
</settings></configuration></section></document>"""


def test_settings_are_read_and_need_not_be_there(tmp_path: Path) -> None:
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT)
    settings, _ = read_settings(ConfigurationStore(tmp_path, {}).current)
    assert (settings.max_urls, settings.default_max_age) == (7, 60)
    (tmp_path / "freeswitch.xml").write_text('<document type="freeswitch/xml"/>')
    assert read_settings(ConfigurationStore(tmp_path, {}).current)[0] == HttpCacheSettings()
