"""Calls with programs that are not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.media_ends import engine, far_end
from tests.support.serving import serve

__all__ = ["engine", "far_end", "serve"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
            item.add_marker(pytest.mark.slow)
