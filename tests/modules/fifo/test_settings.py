from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.fifo.settings import FifoFile, FixedMember, Plan, read_settings

VANILLA = Path(__file__).resolve().parents[4] / "shared/data/freeswitch-vanilla"


def read(folder: Path, inside: str) -> tuple[FifoFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="fifo.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    file, findings = read_settings(load(folder, {}).configuration("fifo.conf"))
    return file, [str(finding).partition("\n")[0] for finding in findings]


def test_queues_and_members_are_read(tmp_path: Path) -> None:
    file, findings = read(
        tmp_path,
        '<settings><param name="outbound-strategy" value="enterprise"/></settings><fifos>'
        '<fifo name="a" importance="2" outbound_per_cycle="3" outbound_ring_timeout="20"'
        ' outbound_default_lag="17" retry_delay="4" outbound_name="Shop" outbound_priority="3"'
        ' outbound_per_cycle_min="2">'
        '<member>user/1</member><member simo="2" timeout="5" lag="0">user/2</member></fifo>'
        '<fifo name="b" outbound_strategy="ringall"/></fifos>',
    )
    assert findings == []
    first, second = file.queues
    assert (first.name, first.importance) == ("a", 2)
    assert first.plan == Plan("enterprise", 3, 2, 3, 20, 17, 4, "Shop")
    assert first.members == (FixedMember("user/1", 1, 20, 17), FixedMember("user/2", 2, 20, 0))
    assert second.plan == Plan() and second.members == ()


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<fifos><fifo/></fifos>", "this <fifo> has no name"),
        ('<fifos><fifo name="a" importance="x"/></fifos>', "importance='x'"),
        ('<fifos><fifo name="manual_calls"/></fifos>', "reserved"),
        ('<fifos><fifo name="a" outbound_ring_timeout="10"/></fifos>', "more than 10 seconds"),
        ('<fifos><fifo name="a" outbound_strategy="loud"/></fifos>', "outbound_strategy='loud'"),
        ('<fifos><fifo name="a"><member lag="-1">x</member></fifo></fifos>', "lag='-1'"),
        ('<fifos><fifo name="a"><member/></fifo></fifos>', "no dial string"),
        ('<settings><param name="outbound-strategy" value="x"/></settings>', "outbound-strategy"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, inside: str, message: str) -> None:
    _, findings = read(tmp_path, inside)
    assert len(findings) == 1 and message in findings[0]
    assert "freeswitch.xml:1:" in findings[0]


def test_without_a_file_there_is_nothing() -> None:
    assert read_settings(None) == (FifoFile(), [])


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_the_configuration_that_freeswitch_ships_is_understood() -> None:
    file, findings = read_settings(load(VANILLA, {}).configuration("fifo.conf"))
    assert [queue.name.partition("@")[0] for queue in file.queues] == ["cool_fifo"]
    assert findings == []
