"""A web server that leads calls by the documents of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from softswitch import registry
from tests.support.switch import Bench


def document(work: str, *, params: str = "", variables: str = "") -> str:
    """A whole document."""
    return (
        '<?xml version="1.0"?>\n<document type="xml/freeswitch-httapi">'
        f"<params>{params}</params><variables>{variables}</variables><work>{work}</work></document>"
    )


class Leader:
    """Answers one document after another, then ``<break/>``, and notes what it is asked."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.methods: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.kind = "text/xml"
        self.status = 200
        self.url = ""
        self._came = asyncio.Event()

    def say(self, *works: str) -> None:
        """These are the next documents' instructions."""
        self.documents += [document(work) for work in works]

    async def until_asked(self, times: int) -> None:
        """Wait until so many questions came."""
        while len(self.asked) < times:
            self._came.clear()
            await self._came.wait()

    async def serve(self, request: web.Request) -> web.Response:
        asked: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            for name, value in (await request.post()).items():
                is_file = isinstance(value, web.FileField)
                asked[name] = (value.filename, value.file.read()) if is_file else value
        self.asked.append(asked)
        self.paths.append(request.path)
        self.methods.append(request.method)
        self.headers.append(dict(request.headers))
        self._came.set()
        text = self.documents.pop(0) if self.documents else document("<break/>")
        return web.Response(text=text, content_type=self.kind, status=self.status)


@asynccontextmanager
async def leader() -> AsyncIterator[Leader]:
    """Run one on a free port."""
    made = Leader()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.serve)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def configuration(server: Leader, permissions: str = "", params: str = "") -> str:
    """``httapi.conf`` with a profile for that server."""
    return (
        '<configuration name="httapi.conf"><settings/><profiles><profile name="default">'
        f"<permissions>{permissions}</permissions>"
        f'<params><param name="gateway-url" value="{server.url}/start"/>{params}</params>'
        "</profile></profiles></configuration>"
    )


def permission(name: str, value: str = "true", inside: str = "") -> str:
    """One permission."""
    return f'<permission name="{name}" value="{value}">{inside}</permission>'


async def loaded(b: Bench) -> Bench:
    """With the module running."""
    registry.discover("softswitch.modules")
    assert await b.switch.modules.load("mod_httapi") is None
    return b
