from __future__ import annotations

import pytest

from softswitch.modules.http_cache.freshness import lifetime, may_be_kept

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 100.0),
        ({"Cache-Control": "max-age=60"}, 60.0),
        ({"Cache-Control": "public, max-age=60, s-maxage=90"}, 90.0),
        ({"Cache-Control": "max-age=60", "Age": "20"}, 40.0),
        ({"Cache-Control": "max-age=60", "Age": "90"}, 0.0),
        ({"Cache-Control": "no-cache, max-age=60"}, 0.0),
        ({"Cache-Control": "no-store"}, 0.0),
        ({"Cache-Control": "max-age=lots"}, 100.0),
        ({"Expires": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60.0),
        ({"Expires": "Mon, 13 Nov 2023 22:14:20 GMT"}, 0.0),
        ({"Expires": "0"}, 0.0),
        ({"Cache-Control": "max-age=5", "Expires": "0"}, 5.0),
    ],
)
def test_an_answer_is_fresh_as_long_as_its_headers_say(
    headers: dict[str, str], seconds: float
) -> None:
    assert lifetime(headers, NOW, 100.0) == seconds


def test_some_answers_may_not_be_kept() -> None:
    assert may_be_kept({}) and not may_be_kept({"Cache-Control": "No-Store"})
