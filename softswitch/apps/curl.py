"""Asking web servers: the application and the command ``curl``."""

from __future__ import annotations

import json
from dataclasses import dataclass

from softswitch import __version__
from softswitch.dialplan.arguments import split
from softswitch.dialplan.expansion import disarm
from softswitch.net.http import HttpAnswer, HttpFailed, fetch
from softswitch.registry import ApplicationFlag, application, command
from softswitch.switch.commands import CommandCall
from softswitch.switch.session import Session

SYNTAX = (
    "<url> [headers|json|content-type <mime-type>|connect-timeout <seconds>|timeout <seconds>"
    "|append_headers <name:value>|insecure] [get|head|post|delete|put [<data>]]"
)
_METHODS = ("get", "head", "post", "delete", "put")


@dataclass(frozen=True, slots=True)
class Question:
    """One request, as `SYNTAX` writes it."""

    url: str
    method: str = "GET"
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    with_headers: bool = False
    as_json: bool = False
    connect_seconds: float = 0
    seconds: float = 0
    insecure: bool = False

    @classmethod
    def parse(cls, text: str) -> Question:
        """Raises ValueError with a sentence."""
        words = split(text, " ", 64)
        if not words or not words[0]:
            raise ValueError("<url> is missing")
        url, rest = words[0], iter(range(1, len(words)))
        headers = [("User-Agent", f"softswitch-curl/{__version__}")]
        options: dict[str, bool] = {}
        limits: dict[str, float] = {}
        method, body = "GET", None
        for index in rest:
            word = words[index].lower()
            if word in ("headers", "json", "insecure"):
                options[word] = True
            elif word in ("content-type", "append_headers", "connect-timeout", "timeout"):
                value = words[next(rest, index)] if index + 1 < len(words) else ""
                if word == "content-type":
                    headers.append(("Content-Type", value))
                elif word == "append_headers":
                    name, _, content = value.partition(":")
                    headers.append((name.strip(), content.strip()))
                elif value.isdecimal() and len(value) < 8:
                    limits[word] = float(value)
                else:
                    raise ValueError(f"{word} needs a number of seconds")
            elif word in _METHODS:
                method = word.upper()
                body = " ".join(words[index + 1 :]) or None
                break
            else:
                raise ValueError(f"{words[index]!r} is not understood")
        if method == "POST" and not any(name == "Content-Type" for name, _ in headers):
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        return cls(
            url,
            method,
            body,
            tuple(headers),
            options.get("headers", False),
            options.get("json", False),
            limits.get("connect-timeout", 0),
            limits.get("timeout", 0),
            options.get("insecure", False),
        )

    async def ask(self) -> HttpAnswer:
        """Raises `HttpFailed`."""
        return await fetch(
            self.url,
            self.method,
            body=self.body,
            headers=dict(self.headers),
            connect_seconds=self.connect_seconds,
            seconds=self.seconds,
            insecure=self.insecure,
        )

    def text_of(self, answer: HttpAnswer) -> str:
        """What is shown: the body, with headers or as JSON where that was asked for."""
        if self.as_json:
            record: dict[str, object] = {"status_code": str(answer.status), "body": answer.body}
            if self.with_headers:
                record["headers"] = [
                    {"key": name, "value": value} for name, value in answer.headers
                ]
            return json.dumps(record, ensure_ascii=False)
        if self.with_headers:
            lines = "".join(f"{name}: {value}\n" for name, value in answer.headers)
            return f"{lines}\n{answer.body}"
        return answer.body


@application(
    "curl",
    syntax=SYNTAX,
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module="mod_curl",
)
async def curl(session: Session, data: str) -> None:
    """Ask a web server; the answer is in ``curl_response_data``, its code in another variable.

    ``curl_response_code`` is 0 where no answer came. The call waits, others do not.
    """
    session.set("curl_response_data", "")
    session.set("curl_response_code", "0")
    try:
        question = Question.parse(data)
        answer = await question.ask()
    except (ValueError, HttpFailed) as error:
        session.log.error("curl: %s", error)
        return
    session.set("curl_response_code", str(answer.status))
    # Somebody else wrote it: nothing in it is a variable or command of ours.
    session.set("curl_response_data", disarm(question.text_of(answer)))


@command("curl", syntax=SYNTAX, module="mod_curl")
async def curl_command(call: CommandCall, arguments: str) -> str:
    """Ask a web server and show its answer."""
    try:
        question = Question.parse(arguments)
        text = question.text_of(await question.ask())
        return disarm(text) if call.source == "expansion" else text
    except ValueError as error:
        return f"-ERR {error}\n-USAGE: {SYNTAX}\n"
    except HttpFailed as error:
        return f"-ERR {error}\n"
