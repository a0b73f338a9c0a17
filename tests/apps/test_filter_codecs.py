"""The application ``filter_codecs``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

OFFERED = (
    "CORE_PCM_MODULE.PCMU@8000h@20i@64000b,CORE_PCM_MODULE.PCMA@8000h@20i@64000b,"
    "mod_g722.G722@8000h@20i@64000b"
)


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ("PCMA", "PCMA"),
        ("g722,pcmu", "PCMU,G722"),
        ("PCMU@8000h@20i", "PCMU"),
        ("OPUS", None),
        ("", None),
    ],
)
async def test_what_is_offered_and_wanted_is_kept(
    tmp_path: Path, data: str, kept: str | None
) -> None:
    async with bench(tmp_path, extension("100", f"filter_codecs {data}")) as b:
        session = await b.ended(b.call("100", variables={"ep_codec_string": OFFERED}))
        assert session.get("codec_string") == kept
        assert session.get("filter_codec_string") == (data or None)
