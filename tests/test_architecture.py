"""The map of the house shows what is there: ``docs/architecture.md`` against the tree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "softswitch"
TEXT = (ROOT / "docs/architecture.md").read_text()
PLACES = (
    ROOT,
    ROOT / "docs",
    PACKAGE,
    PACKAGE / "media",
    PACKAGE / "media/native",
    PACKAGE / "media/native/engine/src",
    PACKAGE / "switch",
)
"""Where a path of the text may begin."""
DIAL_STRINGS = {"sofia/", "user/", "loopback/", "error/"}
"""What looks like a folder and is none."""


def test_each_file_and_folder_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*(?:[a-z_]+\.(?:py|rs|pyi|md|toml)|[a-z_]+/))`", TEXT)
    assert len(named) > 90
    known = {path.name for path in PACKAGE.rglob("*.py")}
    for name in set(named) - DIAL_STRINGS:
        there = any((place / name).exists() for place in PLACES)
        assert there or name in known, name


def test_each_package_stands_in_the_diagram() -> None:
    diagram = TEXT.split("```")[1]
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages - set(re.findall(r"\w+", diagram)) == set()


def test_rows_of_the_diagram_are_the_layers_that_are_held() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (layers,) = [one for one in project["tool"]["importlinter"]["contracts"] if "layers" in one]
    diagram = TEXT.split("```")[1]
    rows = [set(re.findall(r"\w+", line)) for line in diagram.splitlines()]
    for layer in layers["layers"][2:]:
        wanted = set(re.findall(r"\w+", layer))
        assert any(wanted <= row for row in rows), layer
