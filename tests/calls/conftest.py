"""Whole calls on loopback: what a test starts must be gone when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.serving import serve

__all__ = ["serve"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.calls)
