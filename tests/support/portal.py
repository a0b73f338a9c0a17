"""A portal in this process: a web server that speaks mod_xml_curl's protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

NOT_FOUND = (
    '<document type="freeswitch/xml"><section name="result"><result status="not found"/>'
    "</section></document>"
)


def document(section: str, content: str) -> str:
    """An answer with one section."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<document type="freeswitch/xml">\n<section name="{section}">\n{content}\n'
        "</section></document>"
    )


class Portal:
    """Answers by section; keeps the forms it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self.requests: list[web.Request] = []
        self.status = 200
        self.gate = asyncio.Event()
        """Cleared: requests wait, as at a server that is too slow."""
        self.gate.set()
        self.judge: Callable[[web.Request], web.StreamResponse | None] = lambda _: None
        """May answer in its place, before the form is looked at."""
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.requests.append(request)
        answer = self.judge(request)
        if answer is not None:
            return answer
        pairs = await request.post() if request.method == "POST" else request.query
        form = {name: str(value) for name, value in pairs.items()}
        self.forms.append(form)
        await self.gate.wait()
        text = self.answers.get(form.get("section", ""), NOT_FOUND)
        return web.Response(text=text, status=self.status, content_type="text/xml")

    def of(self, section: str) -> list[dict[str, str]]:
        """The forms about one section."""
        return [form for form in self.forms if form["section"] == section]


@asynccontextmanager
async def portal() -> AsyncIterator[Portal]:
    """A portal on a free port of the loopback."""
    running = Portal()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", running.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    running.url = f"http://{host}:{port}/gateway"
    try:
        yield running
    finally:
        running.gate.set()
        await runner.cleanup()


def bindings(url: str, sections: str = "", **params: str) -> str:
    """``xml_curl.conf`` with one binding."""
    lines = "".join(
        f'<param name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in params.items()
    )
    chosen = f' bindings="{sections}"' if sections else ""
    return (
        '<configuration name="xml_curl.conf"><bindings><binding name="portal">'
        f'<param name="gateway-url" value="{url}"{chosen}/>{lines}</binding></bindings>'
        "</configuration>"
    )
