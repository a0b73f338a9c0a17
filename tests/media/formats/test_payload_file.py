"""Files of payloads and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softswitch.media.formats.payload_file import RATES, PayloadFile, decode_payloads
from softswitch.media.source import DecodedFile
from tests.media.formats.requests import ask
from tests.support.audio import heard_ms, power, tone

engine = pytest.importorskip("softswitch.media._engine")


def test_payloads_of_g722_are_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.G722").write_bytes(bytes([0xFA] * 8000))
    found = ask("a.G722", tmp_path)
    assert isinstance(found, DecodedFile)
    samples, rate = found.decode(found.path)
    assert (len(samples), rate) == (2 * 16000, 16000)
    with pytest.raises(ValueError, match="not decoded"):
        engine.decode("SMOKE", 8000, b"")
    with pytest.raises(ValueError, match="not encoded"):
        engine.Encoder("SMOKE", 8000)
    with pytest.raises(ValueError, match="even number"):
        engine.Encoder("G722", 8000).encode(b"123")


@pytest.mark.parametrize("extension", [*RATES])
def test_what_is_written_in_pieces_is_the_payload_of_the_whole(
    tmp_path: Path, extension: str
) -> None:
    rate = RATES[extension]
    sound = tone(1000, 1000, rate=rate).tobytes()
    encoder = engine.Encoder(extension.upper(), 8000)
    assert encoder.sample_rate == rate
    path = tmp_path / f"a.{extension.upper()}"
    file = PayloadFile(path)
    # Uneven pieces: bits of a byte and halves of pairs are carried over.
    for at in range(0, len(sound), 1002):
        file.write(sound[at : at + 1002])
    file.close()
    assert path.read_bytes() == encoder.encode(sound)
    samples, found = decode_payloads(path)
    heard = np.frombuffer(samples, np.int16)
    assert (found, len(heard)) == (rate, rate)
    assert power(heard[rate // 4 :], rate, 1000) > 0.7 * np.mean(heard.astype(float) ** 2) > 1e6


def test_a_file_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "a.g722"
    for append in (False, True, False, True):
        file = PayloadFile(path, append=append)
        file.write(tone(500, 400, rate=16000).tobytes())
        file.close()
    samples, rate = decode_payloads(path)
    assert len(samples) == 2 * 2 * 6400
    assert heard_ms(np.frombuffer(samples, np.int16), rate, 500) >= 700
