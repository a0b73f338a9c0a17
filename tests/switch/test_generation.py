"""A generation: everything made of one configuration."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.generation import build
from tests.support.switch import bench, extension


async def test_everything_comes_from_the_same_configuration(tmp_path: Path) -> None:
    directory = '<domain name="example.test"><users><user id="1"/></users></domain>'
    configuration = """<configuration name="switch.conf"><settings>
      <param name="max-sessions" value="77"/></settings></configuration>
      <configuration name="acl.conf"><network-lists><list name="lab" default="deny">
      <node type="allow" cidr="192.0.2.0/24"/></list></network-lists></configuration>"""
    async with bench(
        tmp_path, extension("100", "answer"), configuration=configuration, directory=directory
    ) as b:
        current = b.switch.configuration.current
        generation = build(current)
        assert generation.configuration is current
        assert generation.number == current.number == b.switch.generation.number
        assert generation.settings.max_sessions == b.switch.admission.max_sessions == 77
        assert generation.directory.user("1", "example.test") is not None
        assert generation.dialplan.find("default") is not None
        assert "lab" in generation.acl


async def test_what_is_wrong_with_a_dialplan_is_told_when_it_is_read(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("(", "answer")) as b:
        text = "\n".join(str(finding) for finding in b.switch.configuration.current.findings)
        assert "freeswitch.xml" in text
