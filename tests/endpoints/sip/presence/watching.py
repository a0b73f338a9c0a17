"""What presence tests share: a phone that watches, and what it is told."""

from __future__ import annotations

import re

from softswitch.sip.message import Request, Response
from tests.support.sip_bench import Party, SipBench

MANAGED = {"manage-presence": "true"}
DIALOG = "application/dialog-info+xml"


async def watch(
    running: SipBench,
    party: Party,
    user: str = "1000",
    event: str = "dialog",
    within: Response | None = None,
    expires: str = "600",
    **headers: str,
) -> tuple[Response, Request | None]:
    """Subscribe; what was answered, and the NOTIFY that came, answered."""
    party.ask("SUBSCRIBE", user, within=within, Event=event, Expires=expires, **headers)  # type: ignore[arg-type]
    await running.settle()
    responses = [each for each in party.received if isinstance(each, Response)]
    response = responses[0]
    party.received.remove(response)
    if response.status != 200:
        return response, None
    return response, await told(running, party)


async def told(running: SipBench, party: Party, wait: float = 0.1) -> Request:
    """The next NOTIFY, answered."""
    await running.settle(wait)
    notify = party.request("NOTIFY")
    party.answer(notify, 200)
    await running.settle()
    return notify


def dialogs(notify: Request) -> list[tuple[str, str]]:
    """Direction and state of each dialog of a document."""
    text = notify.body.decode()
    return re.findall(r'direction="(\w+)"[^>]*><state>(\w+)<', text)


def is_partial(notify: Request) -> bool:
    return 'state="partial"' in notify.body.decode()
