"""The instructions of ``<work>``, but for those with sound and keys."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.expansion import disarm
from softswitch.log import LEVELS
from softswitch.modules.httapi.client import Client
from softswitch.modules.httapi.document import Document, Tag
from softswitch.switch.causes import HangupCause
from softswitch.switch.chat import ChatMessage

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction with the call it is for."""

    session: Session
    client: Client
    tag: Tag

    def may(self, name: str) -> bool:
        """Whether the profile has a permission."""
        return self.client.profile.permissions.has(name)

    def deny(self, what: str) -> bool:
        """Refuse an instruction: the call ends, as FreeSWITCH ends it."""
        self.session.log.error("httapi: %s: Permission Denied!", what)
        self.session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return False


Instruction = Callable[[Step], Awaitable[bool]]
"""Carries a tag out; False ends the application."""
INSTRUCTIONS: dict[str, Instruction] = {}


def instruction(*names: str) -> Callable[[Instruction], Instruction]:
    """Register what carries out the tags of these names."""

    def register(target: Instruction) -> Instruction:
        INSTRUCTIONS.update(dict.fromkeys(names, target))
        return target

    return register


async def carry_out(session: Session, client: Client, document: Document) -> bool:
    """Do what a document says; whether to ask for the next one."""
    permissions = client.profile.permissions
    if permissions.has("set-params"):
        for name, value in document.params.items():
            client.params[name] = value
    for name, value in document.variables.items():
        if permissions.may("set-vars", "variable-list", name):
            session.set(name, disarm(value))
        else:
            session.log.error("httapi: variable %s permission denied!", name)
    if not document.work:
        session.log.warning("httapi: No instructions found in result!")
        return False
    for written in document.work:
        target = INSTRUCTIONS.get(written.name)
        if target is None:
            session.log.warning("httapi: Unsupported Tag: [%s]", written.name)
            return False
        tag = await _filled_in(session, client, written)
        # In a URL only our own parameters are filled in, so that ${...} may stand there.
        if (action := written.get("action")) and written.name != "recordCall":
            client.params["url"] = action
        if action := written.get("temp-action"):
            client.once["url"] = action
        if not await target(Step(session, client, tag)):
            return False
        if not session.ready:
            return False
    return True


async def _filled_in(session: Session, client: Client, tag: Tag) -> Tag:
    """A tag whose text has its ``${}`` filled in where that is allowed, and is harmless else."""
    text = tag.text
    if "${" in text and client.profile.permissions.may_expand(text):
        text = await session.expand(text)
    attributes = {name: disarm(value) for name, value in tag.attributes.items()}
    return Tag(tag.name, attributes, disarm(text), tag.children)


@instruction("answer")
async def answer(step: Step) -> bool:
    await step.session.answer()
    return True


@instruction("preAnswer")
async def pre_answer(step: Step) -> bool:
    await step.session.pre_answer()
    return True


@instruction("ringReady")
async def ring_ready(step: Step) -> bool:
    await step.session.ring_ready()
    return True


@instruction("hangup")
async def hangup(step: Step) -> bool:
    cause = step.tag.get("cause") or step.tag.text
    step.session.hangup(HangupCause.parse(cause) if cause else HangupCause.NORMAL_CLEARING)
    return False


@instruction("break")
async def break_(step: Step) -> bool:
    return False


@instruction("continue")
async def continue_(step: Step) -> bool:
    return True


@instruction("log")
async def write_log(step: Step) -> bool:
    level = LEVELS.get(step.tag.get("level").lower(), logging.DEBUG)
    step.session.log.log(level, "%s", step.tag.text)
    return True


@instruction("getVariable")
async def get_variable(step: Step) -> bool:
    name = step.tag.get("name")
    if not name:
        step.session.log.error("httapi: getVariable: Missing name attribute!")
        return True
    if not step.client.profile.permissions.may("get-vars", "variable-list", name):
        step.session.log.error("httapi: variable %s permission denied!", name)
        return False
    value = step.session.get(name)
    if value:
        client = step.client
        kept = client.params if is_true(step.tag.get("permanent")) else client.once
        kept[name] = value
    return True


@instruction("execute")
async def execute(step: Step) -> bool:
    permissions = step.client.profile.permissions
    name, data = step.tag.get("application"), step.tag.get("data") or step.tag.text
    if not name:
        return step.deny("execute without an application")
    if not permissions.may("execute-apps", "application-list", name):
        return step.deny(f"execute {name}")
    await step.session.execute(name, data)
    return True


@instruction("sms")
async def send_message(step: Step) -> bool:
    to = step.tag.get("to")
    if not to:
        step.session.log.error("httapi: sms: Missing 'to' Attribute!")
        return False
    headers = {
        "proto": "httapi",
        "to_proto": "sip",
        "from": step.session.channel.profile.caller_id_number,
        "to": to,
        "type": "text/plain",
    }
    step.session.switch.chat.deliver(ChatMessage(headers, step.tag.text))
    return True


@instruction("dial")
async def dial(step: Step) -> bool:
    if not step.may("dial"):
        return step.deny("dial")
    session, tag = step.session, step.tag
    name = tag.get("caller-id-name") if step.may("dial-set-cid-name") else ""
    number = tag.get("caller-id-number") if step.may("dial-set-cid-number") else ""
    if step.may("dial-full-originate") and "/" in tag.text:
        caller = session.channel.profile
        shown = (name or caller.caller_id_name, number or caller.caller_id_number)
        variables = "origination_caller_id_name='{}',origination_caller_id_number='{}'"
        quoted = (text.replace("'", "").replace("}", "") for text in shown)
        await session.execute("bridge", f"{{{variables.format(*quoted)}}}{tag.text}")
        return True
    if name:
        session.set("effective_caller_id_name", name)
    if number:
        session.set("effective_caller_id_number", number)
    session.transfer(
        tag.text,
        (tag.get("dialplan") if step.may("dial-set-dialplan") else "") or None,
        (tag.get("context") if step.may("dial-set-context") else "") or None,
    )
    return False


@instruction("conference")
async def conference(step: Step) -> bool:
    if not step.may("conference"):
        return step.deny("conference")
    profile = step.tag.get("profile") if step.may("conference-set-profile") else ""
    room = step.tag.text.partition("@")[0]
    data = f"{room}@{profile or step.client.profile.conference_profile}"
    if pin := step.tag.get("pin"):
        data += f"+{pin}"
    if flags := step.tag.get("flags"):
        data += f"+flags{{{flags}}}"
    await step.session.execute("conference", data)
    return True


@instruction("voicemail")
async def voicemail(step: Step) -> bool:
    tag = step.tag
    domain = tag.get("domain") or step.session.switch.globals.get("domain", "")
    only = is_true(tag.get("auth-only"))
    words = [
        "check" if only or is_true(tag.get("check")) else "",
        "auth_only" if only else "",
        tag.get("profile", "default"),
        domain,
        tag.get("id"),
    ]
    await step.session.execute("voicemail", " ".join(word for word in words if word))
    return True
