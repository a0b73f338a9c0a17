from __future__ import annotations

import pytest

from softswitch.registry import ApplicationFlag, Registry, discover


def test_names_are_found_in_any_case_and_listed_in_order() -> None:
    registry: Registry[object] = Registry("thing")

    @registry("Second", "alias", syntax="<x>", flags=ApplicationFlag.NO_MEDIA, module="mod_x")
    def thing() -> None:
        """What it does."""

    entry = registry.find("SECOND")
    assert entry is not None
    assert (entry.target, entry.help, entry.syntax) == (thing, "What it does.", "<x>")
    assert (entry.flags, entry.module) == (ApplicationFlag.NO_MEDIA, "mod_x")
    assert [one.name for one in registry] == ["Second", "alias"]
    assert "ALIAS" in registry
    assert len(registry) == 2


def test_a_name_cannot_be_taken_twice() -> None:
    registry: Registry[object] = Registry("thing")
    registry("a")(object())
    with pytest.raises(ValueError, match="thing 'A' is registered twice"):
        registry("A")(object())


def test_a_name_can_be_withdrawn() -> None:
    registry: Registry[object] = Registry("thing")
    registry("a")(object())
    registry.remove("A")
    registry.remove("unknown")
    assert registry.find("a") is None


def test_every_package_of_additions_can_be_imported_whole() -> None:
    for package in ("apps", "commands", "endpoints", "media.codecs", "media.formats"):
        discover(f"softswitch.{package}")
