from __future__ import annotations

import json

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from softswitch.console.completion import ConsoleCompleter

SOFIA = """\
                     Name\t   Type\t                                      Data\tState
=================================================================================================
                 internal\tprofile\t          sip:mod_sofia@127.0.0.1:5060\tRUNNING (0)
       external::provider\tgateway\t                 sip:joe@example.com\tNOREG
                127.0.0.1\t  alias\t                            internal\tALIASED
"""
ANSWERS = {
    "show api as json": {"rows": [{"name": "status"}, {"name": "sofia"}, {"name": "uuid_kill"}]},
    "show channels as json": {"rows": [{"uuid": "aa-1"}, {"uuid": "ab-2"}]},
    "show modules as json": {"rows": [{"ikey": "mod_sofia"}, {"ikey": "mod_sofia"}]},
}


async def _complete(text: str) -> list[str]:
    async def ask(command: str) -> str:
        if command == "sofia status":
            return SOFIA
        return json.dumps(ANSWERS.get(command, {}))

    completer = ConsoleCompleter(ask)
    found = completer.get_completions_async(Document(text), CompleteEvent())
    return [completion.text async for completion in found]


@pytest.mark.parametrize(
    ("text", "completions"),
    [
        ("s", ["sofia", "status"]),
        ("/no", ["/nolog", "/noevents"]),
        ("uuid_kill a", ["aa-1", "ab-2"]),
        ("uuid_kill ab", ["ab-2"]),
        ("/uuid aa", ["aa-1"]),
        ("show re", ["registrations"]),
        ("sofia status g", ["gateway"]),
        ("reload mod_s", ["mod_sofia"]),
        ("fsctl  pause i", ["inbound"]),
        ("sofia profile ", ["internal"]),
        ("sofia status profile i", ["internal"]),
        ("sofia status gateway e", ["external::provider"]),
        ("sofia profile internal k", ["killgw"]),
        ("sofia profile internal killgw ", ["provider"]),
        ("unknown ", []),
    ],
)
async def test_what_may_follow(text: str, completions: list[str]) -> None:
    assert await _complete(text) == completions


async def test_an_answer_that_is_no_table_completes_nothing() -> None:
    async def ask(command: str) -> str:
        return "-ERR\n"

    completer = ConsoleCompleter(ask)
    found = completer.get_completions_async(Document("uuid_kill "), CompleteEvent())
    assert [completion async for completion in found] == []
