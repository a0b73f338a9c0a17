"""Asking web servers from the dialplan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from softswitch.apps import curl
from softswitch.apps.curl import Question
from softswitch.net.http import HttpAnswer, HttpFailed
from tests.support.switch import bench, extension

AGENT = ("User-Agent", "softswitch-curl/0.1.0")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("http://a/", Question("http://a/", headers=(AGENT,))),
        ("http://a/ post x=1 y", Question("http://a/", "POST", "x=1 y", (AGENT, FORM))),
        (
            "http://a/ json headers timeout 5 connect-timeout 2 delete",
            Question("http://a/", "DELETE", None, (AGENT,), True, True, 2.0, 5.0),
        ),
        (
            "http://a/ content-type text/xml insecure append_headers X-A:b put <a/>",
            Question(
                "http://a/",
                "PUT",
                "<a/>",
                (AGENT, ("Content-Type", "text/xml"), ("X-A", "b")),
                insecure=True,
            ),
        ),
    ],
)
def test_a_question_is_read(text: str, question: Question) -> None:
    assert Question.parse(text) == question


@pytest.mark.parametrize("text", ["", "http://a/ what", "http://a/ timeout", "http://a/ timeout x"])
def test_what_is_not_understood_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|understood|number"):
        Question.parse(text)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A web server that answers with the body that a test puts here; asked URLs are noted."""
    said = {"body": "hello", "asked": ""}

    async def fetch(url: str, method: str, **_: object) -> HttpAnswer:
        said["asked"] += f"{method} {url};"
        if url.endswith("/dead"):
            raise HttpFailed(f"{url}: nobody there")
        return HttpAnswer(200, said["body"], (("X-A", "b"),))

    monkeypatch.setattr(curl, "fetch", fetch)
    return said


async def test_the_answer_is_in_variables(tmp_path: Path, server: dict[str, str]) -> None:
    async with bench(tmp_path, extension("100", "curl http://a/${destination_number}")) as b:
        session = await b.ended(b.call("100"))
        assert server["asked"] == "GET http://a/100;"
        assert session.get("curl_response_code") == "200"
        assert session.get("curl_response_data") == "hello"


async def test_an_answer_is_never_expanded(tmp_path: Path, server: dict[str, str]) -> None:
    server["body"] = "${uuid}${hash(insert/a/b/c)}"
    actions = ("curl http://a/", "set got=${curl_response_data}", "set too=${curl(http://a/)}")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = await b.ended(b.call("100"))
        assert session.get("got") == "%{uuid}%{hash(insert/a/b/c)}"
        assert session.get("too") == "%{uuid}%{hash(insert/a/b/c)}"
        assert b.switch.stores.hash.select("a", "b") is None


@pytest.mark.parametrize("data", ["http://a/dead", "", "http://a/ what"])
async def test_without_an_answer_the_call_goes_on(
    tmp_path: Path, server: dict[str, str], data: str
) -> None:
    async with bench(tmp_path, extension("100", f"curl {data}", "set went=on")) as b:
        session = await b.ended(b.call("100", variables={"curl_response_data": "old"}))
        assert (session.get("went"), session.get("curl_response_code")) == ("on", "0")
        assert session.get("curl_response_data") is None


async def test_the_command_shows_the_answer(tmp_path: Path, server: dict[str, str]) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("curl http://a/") == "hello"
        assert await run("curl http://a/ headers") == "X-A: b\n\nhello"
        told = json.loads(await run("curl http://a/ json headers"))
        assert told == {
            "status_code": "200",
            "body": "hello",
            "headers": [{"key": "X-A", "value": "b"}],
        }
        assert await run("curl http://a/dead") == "-ERR http://a/dead: nobody there\n"
        assert (await run("curl")).startswith("-ERR <url> is missing\n-USAGE: <url>")
