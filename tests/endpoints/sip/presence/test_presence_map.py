"""Which numbers are conferences and the like."""

from __future__ import annotations

from pathlib import Path

from tests.support.sip_bench import sip_bench

RULES = """<configuration name="presence_map.conf"><domains>
<domain name="example.test"><exten regex="^3\\d+$" proto="conf"/>
<exten regex="(" proto="bad"/></domain>
<domain name="*"><exten regex="^59" proto="park"/></domain>
</domains></configuration>"""


async def test_the_first_rule_that_fits_counts(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, configuration=RULES) as running:
        rules = running.sip.presence.map
        assert rules.protocol("3001", "Example.test") == "conf"
        assert rules.protocol("3001", "other") == ""
        assert rules.protocol("5901", "other") == "park"
        assert rules is running.sip.presence.map
