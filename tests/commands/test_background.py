"""``bgapi`` and ``xml_wrap``."""

from __future__ import annotations

from pathlib import Path

from tests.support.switch import bench


async def test_a_job_is_named_and_answers_later(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("bgapi echo hello")
        assert answer.startswith("+OK Job-UUID: 0000")
        await b.after(0.1)
        [event] = [event for event in b.events if event.name == "BACKGROUND_JOB"]
        assert event.body == "hello" and event.headers["Job-UUID"] in answer
        assert await b.switch.run_command("bgapi") == "-USAGE: <command> [<arg>]\n"


async def test_an_answer_is_put_into_xml(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("xml_wrap echo a<b&c")
        assert answer == "<result>\n  <data>a&lt;b&amp;c</data>\n</result>\n"
        assert await b.switch.run_command("xml_wrap") == "-USAGE: <command> <args>\n"
