from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.modules.lcr.settings import LcrFile, LcrProfile, read_file
from tests.modules.lcr.support import configuration, profile


def read(folder: Path, inside: str) -> tuple[LcrFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f"{inside}</section></document>"
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    file, findings = read_file(configuration.configuration("lcr.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    return file, [finding.message for finding in findings]


def test_profiles_are_read(tmp_path: Path) -> None:
    file, findings = read(
        tmp_path,
        configuration(
            profile("default", id="0", order_by="rate,quality,reliability"),
            profile("two", id="2", single_bridge="true", export_fields="a, b", limit_type="hash"),
        ),
    )
    assert findings == []
    default, two = file.profile(""), file.profile("two")
    assert default is not None and two is not None
    assert default.order == ",  ${lcr_rate_field},  quality DESC,  reliability DESC"
    assert (two.id, two.single_bridge, two.export_fields) == (2, True, ("a", "b"))
    assert two.limit_type == "hash" and file.profile("nosuch") is None


@pytest.mark.parametrize(
    ("order_by", "order"),
    [((), ",  ${lcr_rate_field}"), (("quality",), ",  quality DESC"), (("x ASC",), ",  x ASC")],
)
def test_the_order_is_sql(order_by: tuple[str, ...], order: str) -> None:
    assert LcrProfile(order_by=order_by).order == order


def test_a_file_without_profiles_has_a_default() -> None:
    assert LcrFile().profile("") == LcrProfile()


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (configuration(dsn="freeswitch-mysql:freeswitch:x"), "a DSN begins with sqlite://"),
        (configuration("<profile/>"), "this <profile> has no name"),
        (configuration(profile("a", order="rate")), "there is no parameter 'order'"),
        (configuration(profile("a", id="x")), "id='x'"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (told,) = read(tmp_path, inside)[1]
    assert told.startswith(message)
