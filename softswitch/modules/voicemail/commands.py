"""Commands about mailboxes: ``vm_boxcount vm_prefs vm_list vm_read vm_delete vm_inject …``."""

from __future__ import annotations

from html import escape
from pathlib import Path

from softswitch.dialplan.arguments import split
from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.delivery import Letter, copy_to, remove
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.service import MODULE, Service, service_of
from softswitch.modules.voicemail.store import NORMAL, URGENT, Message
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

NO_BOX = "-ERR can't find user or profile.\n"
_BOX = "[<profile>/]<user>@<domain>"
_LIST = "<id>@<domain>[/profile] [xml] [<uuid>]"
_READ = "<id>@<domain>[/profile] <read|unread> [<uuid>]"
_DELETE = "<id>@<domain>[/profile] [<uuid>]"
_PREFS = "[profile/]<user>@<domain>[|[name_path|greeting_path|password|all]]"
_VOICEMAIL = "status | [load|unload|reload] <profile> [reloadxml]"
_INJECT = (
    "[group=<group>[@domain]|domain=<domain>|[<profile>/]<user>@<domain>]"
    " <sound_file> [<cid_num>] [<cid_name>] [<forwarded_by>] [A_URGENT|B_NORMAL]"
)


async def _box(call: CommandCall, address: str) -> tuple[Service, Mailbox] | None:
    service, address = service_of(call.switch), address.removeprefix("sip:")
    box = await service.find(address) if address else None
    return (service, box) if box is not None else None


@command("vm_boxcount", syntax=f"{_BOX}[|[new|saved|new-urgent|new-saved|all]]", module=MODULE.name)
async def vm_boxcount(call: CommandCall, arguments: str) -> str:
    """Count the messages of a mailbox; ``all`` gives new:saved:new-urgent:saved-urgent."""
    address, _, what = arguments.strip().partition("|")
    if not _has_profile(call, address):
        return "-ERR No such profile\n"
    found = await _box(call, address)
    if found is None:
        return "0:0:0:0" if what == "all" else "0"
    counts = await found[1].store.counts(found[1].id, found[1].domain)
    numbers = {
        "new": counts.new,
        "saved": counts.saved,
        "new-urgent": counts.urgent_new,
        "new-saved": counts.urgent_saved,
        "saved-urgent": counts.urgent_saved,
    }
    if what == "all":
        return f"{counts.new}:{counts.saved}:{counts.urgent_new}:{counts.urgent_saved}"
    return str(numbers.get(what or "new", counts.new))


def _has_profile(call: CommandCall, address: str) -> bool:
    """Whether the profile in front of an address is there; none is one that is."""
    profile, slash, _ = address.partition("/")
    return not slash or service_of(call.switch).profile(profile) is not None


@command("vm_prefs", syntax=_PREFS, module=MODULE.name)
async def vm_prefs(call: CommandCall, arguments: str) -> str:
    """Show the greeting that a user chose, his recorded name, his password, or all of them."""
    address, _, what = arguments.strip().partition("|")
    what = what or "greeting_path"
    if not address:
        return "0"
    if "@" not in address:
        return "-ERR No domain specified\n"
    if not _has_profile(call, address):
        return "-ERR No such profile\n"
    found = await _box(call, address)
    if found is None:
        return NO_BOX
    chosen = await found[1].store.preferences(found[1].id, found[1].domain)
    if what in ("greeting_path", "name_path", "password"):
        return str(getattr(chosen, what))
    return f"{chosen.greeting_path}:{chosen.name_path}:{chosen.password}"


@command("vm_list", syntax=_LIST, module=MODULE.name)
async def vm_list(call: CommandCall, arguments: str) -> str:
    """List the messages of a mailbox, one a line with ``:`` between the fields, or as XML."""
    words = split(arguments, " ", 3)
    if not words:
        return f"Usage: {_LIST}\n"
    found = await _box(call, _turned(words[0]))
    if found is None:
        return NO_BOX
    messages = await _chosen(found[1], words[2:])
    if words[1:2] == ["xml"]:
        return "<voicemail>\n" + "".join(map(_as_xml, messages)) + "</voicemail>\n"
    return "".join(f"{':'.join(_fields(message))}\n" for message in messages)


def _fields(message: Message) -> list[str]:
    return [
        str(message.created),
        str(message.read),
        *(message.user, message.domain, message.folder, message.path),
        *(message.uuid, message.cid_name, message.cid_number, str(message.seconds)),
    ]


def _as_xml(message: Message) -> str:
    names = """created_epoch read_epoch username domain folder path uuid cid-name cid-number
        message-len""".split()
    rows = zip(names, _fields(message), strict=True)
    inner = "".join(f"  <{name}>{escape(value)}</{name}>\n" for name, value in rows)
    return f" <message>\n{inner} </message>\n"


@command("vm_read", syntax=_READ, module=MODULE.name)
async def vm_read(call: CommandCall, arguments: str) -> str:
    """Mark messages of a mailbox as read or as new: one, or all."""
    words = split(arguments, " ", 3)
    if len(words) < 2 or words[1].lower() not in ("read", "unread"):
        return f"Usage: {_READ}\n"
    found = await _box(call, _turned(words[0]))
    if found is None:
        return NO_BOX
    service, box = found
    epoch = service.switch.now_us() // 1_000_000 if words[1].lower() == "read" else 0
    for message in await _chosen(box, words[2:]):
        await box.store.mark_read(message, epoch)
        if not epoch:
            await box.store.flag(message, "")
    await notices.update(service.switch, box, "READ")
    return "+OK\n"


@command("vm_delete", syntax=_DELETE, module=MODULE.name)
async def vm_delete(call: CommandCall, arguments: str) -> str:
    """Delete a message of a mailbox, or all that it has."""
    words = split(arguments, " ", 2)
    if not words:
        return f"Usage: {_DELETE}\n"
    found = await _box(call, _turned(words[0]))
    if found is None:
        return NO_BOX
    service, box = found
    for message in await _chosen(box, words[1:]):
        await remove(box, message)
    await notices.update(service.switch, box, "DELETE")
    return "+OK\n"


async def _chosen(box: Mailbox, uuids: list[str]) -> list[Message]:
    """The message of that uuid, or all."""
    messages = await box.store.messages(box.id, box.domain)
    return [message for message in messages if not uuids or message.uuid == uuids[0]]


def _turned(address: str) -> str:
    """``user@domain/profile`` as ``profile/user@domain``."""
    user, at, rest = address.partition("@")
    domain, slash, profile = rest.partition("/")
    return f"{profile}/{user}{at}{domain}" if slash and "/" not in user else address


@command("vm_inject", "voicemail_inject", syntax=_INJECT, module=MODULE.name)
async def vm_inject(call: CommandCall, arguments: str) -> str:
    """Put a sound file into a mailbox, or into those of a group or domain."""
    service = service_of(call.switch)
    words = split(arguments, " ", 6)
    if len(words) < 2:
        return f"Error: {_INJECT}\n"
    boxes = await service.boxes(words[0])
    path = Path(words[1])
    if not boxes:
        return "-ERR Error: (user not found)\n"
    if not path.is_absolute() or not await service.exists(str(path)):
        return f"-ERR there is no file {path}\n"
    seconds = await call.switch.loop.run_in_executor(None, _seconds, path)
    defaults = ("anonymous", "anonymous", "", NORMAL)
    number, name, forwarded_by, flags = (*words[2:], *defaults[len(words) - 2 :])
    delivered = 0
    for box in boxes:
        letter = Letter(
            call.switch.new_uuid(),
            path,
            seconds,
            name,
            number,
            call.switch.now_us() // 1_000_000,
            URGENT if flags == URGENT else NORMAL,
            forwarded_by,
        )
        delivered += await copy_to(service, box, letter)
    return "+OK\n" if delivered == len(boxes) else f"-ERR {delivered} of {len(boxes)} delivered\n"


def _seconds(path: Path) -> int:
    """How long a sound file is; 0 where nobody knows. Blocks."""
    import soundfile

    try:
        return int(soundfile.info(str(path)).duration)
    except soundfile.SoundFileError:
        return 0


@command("voicemail", syntax=_VOICEMAIL, module=MODULE.name)
async def voicemail(call: CommandCall, arguments: str) -> str:
    """Show the profiles, or take one of them up anew; they follow ``reloadxml`` by themselves."""
    service = service_of(call.switch)
    words = arguments.split()
    match words:
        case ["status"]:
            line = "============================\n"
            return line + "".join(f"Profile: {name}\n" for name in service.profiles) + line
        case ["load" | "unload" | "reload" as verb, name, *rest]:
            told = ""
            if verb != "unload" and rest[:1] == ["reloadxml"]:
                told = f"Reload XML [{(await call.switch.run_command('reloadxml')).strip()}]\n"
            if service.profile(name) is None:
                return f"{told}-ERR there is no profile {name}\n"
            return f"{told}+OK {verb} complete\n"
        case _:
            return f"Error: {_VOICEMAIL}\n"
