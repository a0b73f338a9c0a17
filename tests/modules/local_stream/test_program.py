from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import soundfile

from softswitch.modules.local_stream.program import Block, blocks, files_in
from softswitch.modules.local_stream.settings import StationSettings
from tests.support.audio import power, tone, write_wav


def main_tone(block: Block, frequencies: tuple[int, ...] = (440, 880, 1320)) -> int:
    samples, rate = np.frombuffer(block[0], np.int16), block[1]
    loud = float(np.mean(samples.astype(float) ** 2))
    return next((f for f in frequencies if power(samples, rate, f) > loud / 2 > 0), 0)


def seconds(program: Iterator[Block], count: int) -> list[int]:
    """The tone of each whole second."""
    return [main_tone(block) for block in islice(program, count * 10)][5::10]


def station(folder: Path, **options: object) -> StationSettings:
    return StationSettings(path=str(folder), **options)  # type: ignore[arg-type]


def test_files_are_played_in_order_and_over_again(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(440, 2000))
    soundfile.write(tmp_path / "b.flac", tone(880, 1000, rate=16000), 16000)
    (tmp_path / "readme.txt").write_text("no music")
    program = blocks(station(tmp_path), tmp_path, random.Random(1))
    assert seconds(program, 6) == [440, 440, 880, 440, 440, 880]


def test_lists_name_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write_wav(tmp_path / "deep" / "a.wav", tone(440, 100))
    (tmp_path / "x.loc").write_text("# a list\ndeep/a.wav\nhttp://far.example/x.mp3\nx.loc\n")
    files = files_in(tmp_path)
    assert set(files) == {tmp_path / "deep" / "a.wav"}
    assert len(files) <= 5, "a list in itself ends"
    assert files_in(tmp_path / "none") == []


def test_chimes_interrupt_the_music_which_goes_on_where_it_was(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    write_wav(music / "a.wav", np.concatenate([tone(440, 2000), tone(880, 1000)]))
    write_wav(tmp_path / "chime.wav", tone(1320, 3000))
    wishes = station(music, chime_list=("chime.wav",), chime_freq=2, chime_max=1)
    program = blocks(wishes, tmp_path, random.Random(1))
    assert seconds(program, 7) == [440, 440, 1320, 880, 440, 1320, 440]


def test_shuffling_plays_all_before_any_again(tmp_path: Path) -> None:
    for name, frequency in [("a", 440), ("b", 880), ("c", 1320)]:
        write_wav(tmp_path / f"{name}.wav", tone(frequency, 1000))
    heard = seconds(blocks(station(tmp_path, shuffle=True), tmp_path, random.Random(5)), 6)
    assert set(heard[:3]) == set(heard[3:]) == {440, 880, 1320}


def test_an_empty_folder_and_broken_files_are_no_silence(tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    program = blocks(station(tmp_path), tmp_path, random.Random(1))
    heard = [np.frombuffer(samples, np.int16) for samples, _ in islice(program, 50)]
    assert all(np.max(np.abs(samples)) > 100 for samples in heard)
