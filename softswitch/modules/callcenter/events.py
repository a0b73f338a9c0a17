"""``callcenter::info``: what is told of queues, agents and members, header by header."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.callcenter.agent import Agent
    from softswitch.modules.callcenter.member import Member
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

SUBCLASS = "callcenter::info"


def tell(switch: Switch, session: Session | None, headers: dict[str, str]) -> None:
    """One event, of a call where one is given."""
    if session is None:
        switch.publish("CUSTOM", headers, subclass=SUBCLASS)
    else:
        switch.fire(session, "CUSTOM", headers, subclass=SUBCLASS)


def agent_changed(switch: Switch, agent: Agent, what: str, value: str) -> None:
    """``agent-status-change``, ``agent-state-change`` or ``agent-contact-change``."""
    tell(
        switch,
        None,
        {
            "CC-Agent": agent.name,
            "CC-Action": f"agent-{what}-change",
            f"CC-Agent-{what.capitalize()}": value,
        },
    )


def who(member: Member, session_uuid: str) -> dict[str, str]:
    """The headers that name a member."""
    return {
        "CC-Member-UUID": member.uuid,
        "CC-Member-Session-UUID": session_uuid,
        "CC-Member-CID-Name": member.cid_name,
        "CC-Member-CID-Number": member.cid_number,
    }


def dnis(session: Session) -> dict[str, str]:
    """The number that a member was redirected from, where there is one."""
    rdnis = session.channel.profile.rdnis
    return {"CC-Member-DNIS": rdnis} if rdnis else {}


def members_count(switch: Switch, queue: str, count: int) -> None:
    """How many wait in a queue."""
    tell(
        switch,
        None,
        {
            "CC-Queue": queue,
            "CC-Action": "members-count",
            "CC-Count": str(count),
            "CC-Selection": "Single-Queue",
        },
    )
