"""Phones that listen to stations of ``local_stream.conf``."""

from __future__ import annotations

from pathlib import Path

from tests.support.audio import heard_ms, read_wav, tone, write_wav
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension

MUSIC, CHIME, OTHER = 440, 880, 1240
LISTEN = (extension("(moh|empty|unknown)", "answer", "playback local_stream://$1"),)


def configuration(folder: Path) -> str:
    """Stations whose music lies elsewhere, in no folder at all, and of one tone."""
    music, elsewhere, default = folder / "music", folder / "elsewhere", folder / "default"
    for each in (music, elsewhere, default):
        each.mkdir()
    write_wav(elsewhere / "tone.wav", tone(MUSIC, 5000, rate=16000), rate=16000)
    write_wav(elsewhere / "chime.wav", tone(CHIME, 5000))
    write_wav(default / "tone.wav", tone(OTHER, 5000))
    (music / "all.loc").write_text("# our music\n../elsewhere/tone.wav\n")
    return f"""<configuration name="modules.conf"><modules><load module="mod_local_stream"/>
</modules></configuration><configuration name="local_stream.conf">
<directory name="default" path="{default}"/>
<directory name="empty" path="{folder / "nowhere"}"/>
<directory name="moh" path="{music}"><param name="chime-freq" value="1"/>
<param name="chime-list" value="{elsewhere / "chime.wav"}"/><param name="chime-max" value="1"/>
</directory></configuration>"""


async def test_music_of_a_list_is_interrupted_by_chimes_of_bounded_length(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(*LISTEN, configuration=configuration(tmp_path))
    first, second = (await server.phone("1000")).call("moh"), (await server.phone("1001"))
    await first.hear(CHIME)
    await first.hear(MUSIC)
    path = tmp_path / "heard.wav"
    number = first.record(str(path))
    await first.hear(CHIME)
    late = second.call("moh")
    await late.hear(CHIME)
    await first.hear(MUSIC)
    await late.hear(MUSIC)
    await first.stop_recording(number)
    samples, rate = read_wav(path)
    assert 800 <= heard_ms(samples, rate, CHIME) <= 1100, "five seconds are cut to one"
    assert heard_ms(samples, rate, MUSIC) >= 300
    first.hangup()
    late.hangup()
    await until(lambda: not server.switch.sessions, "the end of the calls")


async def test_a_folder_that_is_missing_plays_music_all_the_same(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(*LISTEN, configuration=configuration(tmp_path))
    call = (await server.phone("1000")).call("empty")
    await call.expect_answer()
    path = tmp_path / "heard.wav"
    number = call.record(str(path))
    default = (await server.phone("1001")).call("unknown")
    await default.hear(OTHER)
    await until(lambda: path.exists() and path.stat().st_size > 16_000, "a second of it")
    await call.stop_recording(number)
    samples, rate = read_wav(path)
    assert abs(samples[rate // 4 :]).max() > 300
    assert heard_ms(samples, rate, OTHER) == 0, "it is no other station"
    for each in (call, default):
        each.hangup()
    await until(lambda: not server.switch.sessions, "the end of the calls")
