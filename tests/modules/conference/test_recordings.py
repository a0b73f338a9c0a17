from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall
from tests.support.audio import read_wav


async def test_several_recordings_run_at_once(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@60")
        await b.after(1)
        assert await b.say("3000 chkrecord") == "-ERR Conference is not being recorded.\n"
        assert await b.say("3000 record a.wav") == "+OK Record file a.wav\n"
        assert await b.say("3000 record deep/b.wav") == "+OK Record file deep/b.wav\n"
        assert one.get("conference_recording") == "deep/b.wav"
        assert (
            await b.say("3000 chkrecord") == "+OK Record file a.wav\n+OK Record file deep/b.wav\n"
        )
        assert await b.say("3000 pause a.wav") == "+OK Pause recording file a.wav\n"
        assert len(b.mixer.paused) == 1
        assert await b.say("3000 resume a.wav") == "+OK Resume recording file a.wav\n"
        assert not b.mixer.paused
        assert await b.say("3000 norecord a.wav") == "+OK Stopped recording 1 file\n"
        assert await b.say("3000 norecord all") == "+OK Stopped recording 1 file\n"
        await b.after(1)
        assert read_wav(tmp_path / "recordings/deep/b.wav")[1] == 8000
        assert b.actions("start-recording", "pause-recording", "resume-recording") == [
            "start-recording",
            "start-recording",
            "pause-recording",
            "resume-recording",
        ]
        assert b.told("stop-recording")["Path"] == "deep/b.wav"
        assert b.told("stop-recording")["Other-Recordings"] == "false"
        assert b.told("stop-recording")["Samplerate"] == "8000"


async def test_what_cannot_be_recorded_is_told(tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings/file").write_text("in the way")
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@60")
        await b.after(1)
        assert await b.say("3000 record file/a.wav") == "-ERR cannot record to file/a.wav\n"
        assert await b.say("3000 record a.txt") == "-ERR cannot record to a.txt\n"
        assert "files named .txt cannot be recorded" in b.told("start-recording")["Error"]
        answer = "-ERR non-existant recording 'x.wav'\n"
        assert await b.say("3000 norecord x.wav") == answer + "+OK Stopped recording 0 files\n"
        assert await b.say("3000 pause x.wav") == "+OK Pause recording file x.wav\n" + answer


async def test_a_recording_that_fails_is_no_longer_listed(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@60")
        await b.after(1)
        await b.say("3000 recording start a.wav")
        (number,) = b.mixer.recordings
        b.mixer.end_recording(number, "failed: No space left on device")
        await b.after(1)
        assert await b.say("3000 recording check") == "-ERR Conference is not being recorded.\n"
        assert b.actions("stop-recording") == ["stop-recording"]
