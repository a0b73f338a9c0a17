"""``opus.conf``: what is read, what far ends are told, and what the encoder is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.opus_settings import WITHOUT_FILE, OpusSettings, opus_parameters
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time

CONFIGURATION = '<configuration name="opus.conf"><settings>{}</settings></configuration>'


def conf(**values: str) -> str:
    params = "".join(
        f'<param name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in values.items()
    )
    return CONFIGURATION.format(params)


@pytest.mark.parametrize(
    ("settings", "offered", "encoder"),
    [
        (WITHOUT_FILE, "useinbandfec=1", "vbr=1"),
        (OpusSettings(), "useinbandfec=1", "vbr=0"),
        (OpusSettings(use_dtx=True), "useinbandfec=1;usedtx=1", "vbr=0"),
        (OpusSettings(advertise_useinbandfec=False), "", "vbr=0"),
        (
            OpusSettings(maxaveragebitrate=24000, maxplaybackrate="16000"),
            "useinbandfec=1;maxaveragebitrate=24000;maxplaybackrate=16000",
            "vbr=0",
        ),
        (
            OpusSettings(maxaveragebitrate=24000, bitrate_negotiation=True),
            "useinbandfec=1;maxaveragebitrate=24000",
            "vbr=0;bitrate=24000",
        ),
        (OpusSettings(maxaveragebitrate=5000), "useinbandfec=1", "vbr=0"),
        (
            OpusSettings(complexity=8, packet_loss_percent=20),
            "useinbandfec=1",
            "vbr=0;complexity=8;loss=20",
        ),
        (
            OpusSettings(keep_fec_enabled=True, adjust_bitrate=True, sprop_maxcapturerate="8000"),
            "useinbandfec=1;sprop-maxcapturerate=8000",
            "vbr=0;keepfec=1;adjust=1;rate=8000",
        ),
    ],
)
def test_what_each_side_is_told(settings: OpusSettings, offered: str, encoder: str) -> None:
    assert opus_parameters("useinbandfec=1", settings) == offered
    assert settings.encoder == encoder


def test_the_rate_of_a_codec_string_goes_before_the_settings() -> None:
    said = opus_parameters(
        "useinbandfec=1;maxplaybackrate=16000", OpusSettings(maxplaybackrate="24000")
    )
    assert said == "useinbandfec=1;maxplaybackrate=16000"


async def test_the_file_is_read_with_every_generation(tmp_path: Path) -> None:
    text = conf(use_vbr="true", complexity="3", use_jb_lookahead="true")
    async with bench(tmp_path, extension("1", "park"), configuration=text) as running:
        assert running.switch.generation.opus == OpusSettings(use_vbr=True, complexity=3)


async def test_without_the_file_the_bit_rate_varies(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as running:
        assert running.switch.generation.opus == WITHOUT_FILE
