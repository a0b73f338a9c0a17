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
        for line in ("bgapi", "bgapi uuid:mine"):
            assert await b.switch.run_command(line) == "-ERR Invalid syntax\n"


async def test_a_job_may_have_a_name_of_ones_own(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("bgapi uuid:mine echo a b") == "+OK Job-UUID: mine\n"
        await b.after(0.1)
        [event] = [event for event in b.events if event.name == "BACKGROUND_JOB"]
        assert (event.body, event.headers["Job-UUID"]) == ("a b", "mine")
        assert event.headers["Job-Command-Arg"] == "a b"


async def test_an_answer_is_put_into_xml(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("xml_wrap echo a<b&c")
        row = '  <row id="1">\n    <data>{}</data>\n  </row>\n'
        assert answer == f"<result>\n{row.format('a&lt;b&amp;c')}</result>\n"
        answer = await b.switch.run_command("xml_wrap encoded echo a<b")
        assert answer == f"<result>\n{row.format('a%3Cb')}</result>\n"
