"""Shared lines: several phones with one number, each of which sees and takes the others' calls.

BroadSoft's "shared call appearances", as FreeSWITCH speaks them: who subscribes to ``call-info`` is
told in the header Call-Info what each appearance of the line does; a phone seizes one by a brief
subscription to ``line-seize`` before it calls. A call names its appearance in Call-Info, and takes
the call that has it already: one on hold is picked up, one that is talked on is joined.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.dialplan.hunt import PlannedAction
from softswitch.endpoints.sip.replaces import take_place
from softswitch.endpoints.sip.variables import keep
from softswitch.switch.presence import info_state
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.endpoints.sip.presence.agent import PresenceAgent
    from softswitch.endpoints.sip.presence.watcher import Watcher
    from softswitch.sip.identity import ExtraHeaders
    from softswitch.sip.message import Message, Request
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

CALL_INFO, LINE_SEIZE = "call-info", "line-seize"
USUAL_SEIZURE = 15
"""Seconds that a phone has from lifting the handset to calling, if it says nothing."""
LONGEST_SEIZURE = 300
_INDEX = re.compile(r"(?i)appearance-index\s*=\s*(\d{1,4}|\*)")
_RANKS = ("idle", "alerting", "progressing", "held", "held-private", "active")
"""Of several calls on one appearance the last of these states is told."""


def seizure_lasts(request: Request) -> int:
    """The seconds that a subscription to ``line-seize`` gets."""
    asked = request.expires
    return USUAL_SEIZURE if asked is None else min(asked, LONGEST_SEIZURE)


def index_in(text: str) -> int | None:
    """The appearance that a Call-Info names, 0 where any would do; None where it names none."""
    found = _INDEX.search(text)
    if found is None:
        return None
    return 0 if found[1] == "*" else int(found[1])


class SharedLines:
    """What the appearances of all shared lines do, by the calls and seizures there are."""

    def __init__(self, agent: PresenceAgent) -> None:
        self._agent = agent

    def __repr__(self) -> str:
        return f"<SharedLines of {self._agent!r}>"

    # What phones are told

    def headers(self, watcher: Watcher) -> ExtraHeaders:
        """What a NOTIFY of either package has in the place of a body."""
        if watcher.package == CALL_INFO:
            return (("Call-Info", self._appearances(watcher)),)
        if watcher.package == LINE_SEIZE:
            return (("Call-Info", f"<sip:{watcher.domain}>;appearance-index={watcher.seized}"),)
        return ()

    def _appearances(self, watcher: Watcher) -> str:
        host, line = f"<sip:{watcher.domain}>", watcher.resource
        told: dict[int, tuple[str, Session | None]] = {
            each.seized: ("seized", None) for each in self._agent.of(line, LINE_SEIZE)
        }
        for session, index in self._calls(line):
            state = _state(session)
            known = told.get(index, ("", None))[0]
            if known not in _RANKS or _RANKS.index(state) > _RANKS.index(known):
                told[index] = state, session
        parts = [
            f"{host};appearance-index={index};appearance-state={state}"
            + (_party(session, watcher.domain) if session is not None else "")
            for index, (state, session) in sorted(told.items())
        ]
        return ",".join([*parts, f"{host};appearance-index=*;appearance-state=idle"])

    def _calls(self, line: str) -> list[tuple[Session, int]]:
        """The calls of a line that are up, and their appearances."""
        found = []
        for session in self._agent.calls_of(line):
            index = index_in(session.channel.variables.peek("presence_call_info") or "")
            if index and session.channel.up:
                found.append((session, index))
        return found

    # Seizing

    def seize(self, watcher: Watcher, request: Request) -> bool:
        """Give a phone the appearance it asks for, or one that is free; False where another phone
        is about to call on it. What is talked on may be seized: whoever wants it joins.
        """
        line = watcher.resource
        wanted = index_in(request.headers.get("Call-Info") or "")
        if wanted and wanted in {each.seized for each in self._agent.of(line, LINE_SEIZE)}:
            log.info("%s: appearance %d is seized already", line, wanted)
            return False
        watcher.seized = wanted or self._free(line)
        log.debug("%s: appearance %d is seized", line, watcher.seized)
        self._agent.changed(line)
        return True

    def _free(self, line: str) -> int:
        taken = {index for _, index in self._calls(line)}
        taken |= {each.seized for each in self._agent.of(line, LINE_SEIZE)}
        return next(index for index in range(1, len(taken) + 2) if index not in taken)

    # Calls

    def begin(self, session: Session, request: Request) -> None:
        """A call came: note its appearance, and let it take the call that has it already."""
        asked = index_in(request.headers.get("Call-Info") or "")
        found = self._taken(session, request, asked) if asked else None
        self.note(session, request)
        if found is None:
            return
        if found.channel.callstate is CallState.HELD:
            take_place(session, found)
        else:
            session.set("sip_barging_uuid", found.uuid)
            session.actions = [PlannedAction("answer", ""), PlannedAction("three_way", found.uuid)]

    def _taken(self, session: Session, request: Request, asked: int) -> Session | None:
        """The call whose appearance a phone asks for by calling its own line."""
        line = _line(session)
        caller, called = request.from_.uri, request.to.uri
        if (caller.user, caller.host) != (called.user, called.host):
            return None
        if not self._is_of(line, session.get("sip_network_ip") or ""):
            log.warning("%s: who does not watch the line may not take its calls", line)
            return None
        calls = self._calls(line)
        return next(
            (each for each, index in calls if index == asked and each.channel.answered), None
        )

    def _is_of(self, line: str, host: str) -> bool:
        """Whether a phone at that address watches the line."""
        watchers = self._agent.of(line, CALL_INFO)
        return any(each.subscription.flow.remote[0] == host for each in watchers)

    def note(self, session: Session, message: Message) -> None:
        """Keep the appearance that a message of a call names; a phone that knows nothing of shared
        lines is given one where its line is watched.
        """
        line, told = _line(session), message.headers.get("Call-Info") or ""
        if not line:
            return
        index = index_in(told)
        if not index:
            if session.get("presence_call_info") or not self._agent.of(line, CALL_INFO):
                return
            index = self._beside(session, line)
            told = f"<sip:{line.partition('@')[2]}>;appearance-index={index}"
        keep(session.channel.variables, "presence_call_info_full", told)
        keep(session.channel.variables, "presence_call_info", told.partition(";")[2])
        for seizure in self._agent.of(line, LINE_SEIZE):
            if seizure.seized == index:
                self._agent.end(seizure)
        self._agent.changed(line)

    def _beside(self, session: Session, line: str) -> int:
        """The appearance of the other phones that ring for the same caller, or a free one."""
        originator = session.channel.originator
        for other, index in self._calls(line):
            if originator and other.channel.originator == originator:
                return index
        return self._free(line)


def _state(session: Session) -> str:
    """As phones know it: who calls progresses, who is called is alerted."""
    if session.channel.answered:
        return info_state(session)
    return "alerting" if session.channel.outbound else "progressing"


def _line(session: Session) -> str:
    return (session.channel.variables.peek("presence_id") or "").lower()


def _party(session: Session, host: str) -> str:
    """Who is at the other end, as a phone shows it."""
    caller = session.channel.profile
    if session.channel.outbound:
        name, number = caller.caller_id_name, caller.caller_id_number
    else:
        name, number = caller.callee_id_name, caller.callee_id_number or caller.destination_number
    number = re.sub(r'[\s"<>@,;\\]', "", disarm(number))
    if not number:
        return ""
    name = re.sub(r'["<>,;\\\r\n]', " ", disarm(name)).strip() or number
    return f';appearance-uri="\\"{name}\\" <sip:{number}@{host}>"'
