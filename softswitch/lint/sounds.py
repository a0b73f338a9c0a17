"""Rules about sounds: files that are not there, streams nobody can open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from softswitch import registry
from softswitch.config.errors import CODES, Finding
from softswitch.dialplan.arguments import split, take_variables
from softswitch.lint.rules import PlacedAction, Subject, more, nearest, rule
from softswitch.media._engine import check_tone
from softswitch.media.paths import find_file
from softswitch.media.prompts.bank import stand_in
from softswitch.media.source import OF_MODULES, SourceError

CODES.update(
    {
        "L821": "a sound does not exist",
        "L822": "there are no sounds at all",
        "L823": "a kind of sound is not known",
        "L824": "a tone script is wrong, or part of it means nothing",
    }
)

_WORDS = {"play_and_get_digits": (5, 6), "read": (2,), "broadcast": (0,), "sched_broadcast": (1,)}
"""Which words of an application's data are sounds."""
_WHOLE = frozenset(("playback", "endless_playback", "loop_playback"))
_RATE = 8000


@rule
def sounds(subject: Subject) -> Iterator[Finding]:
    """Sounds that are written out and cannot be played, each told once."""
    prefix = Path(subject.configuration.globals.get("sound_prefix", "") or ".")
    places: dict[str, list[PlacedAction]] = {}
    for action in subject.actions:
        for name in _named(action):
            places.setdefault(name, []).append(action)
    without_folder: list[PlacedAction] = []
    for name, found in places.items():
        if "://" in name:
            if problem := _stream(name) or _tone(name):
                code, message, hint = problem
                yield found[0].finding(code, message + more(len(found)), hint)
        elif not name.startswith("/") and stand_in(prefix / name) is not None:
            # It comes with the package, or is spoken.
            continue
        elif not name.startswith("/") and not prefix.is_dir():
            without_folder.extend(found)
        elif reason := _missing(prefix / name):
            yield found[0].finding("L821", f"{name}: {reason}{more(len(found))}", f"in {prefix}")
    if without_folder:
        message = f"the folder of sounds does not exist: {prefix}{more(len(without_folder))}"
        yield without_folder[0].finding("L822", message, "set sound_prefix in vars.xml")


def _named(action: PlacedAction) -> Iterator[str]:
    """The sounds of an action that do not depend on the call."""
    application = action.application.lower()
    if application in _WHOLE:
        texts = [action.data.strip()]
        if application == "loop_playback" and texts[0].startswith("+"):
            texts = [texts[0].partition(" ")[2]]
    elif application == "gentones":
        texts = ["tone_stream://" + action.data.strip().partition("|")[0]]
    else:
        words = split(action.data, " ")
        texts = [words[at] for at in _WORDS.get(application, ()) if at < len(words)]
    for text in texts:
        try:
            _, text = take_variables(text, "{", "}")
        except ValueError:
            continue
        listed = text.startswith("file_string://")
        names = text.removeprefix("file_string://").split("!") if listed else [text]
        for name in names:
            name = name.partition("@@")[0].strip()
            if name and "$" not in name and not _is_no_file(name):
                yield name


def _is_no_file(name: str) -> bool:
    """Words that stand for no sound, and phrases."""
    return name.lower() in ("silence", "undef") or name.startswith(("phrase:", "say:"))


def _stream(name: str) -> tuple[str, str, str] | None:
    """What is wrong with ``scheme://rest``: code, message and hint."""
    scheme = name.partition("://")[0].lower()
    known = [entry.name.removesuffix("://") for entry in registry.file_format] + [*OF_MODULES]
    if scheme in known or f"{scheme}://" in registry.file_format:
        return None
    return "L823", f"nothing opens {scheme}://", nearest(scheme, known) or "such a playback fails"


def _tone(name: str) -> tuple[str, str, str] | None:
    """What is wrong with a tone script, or means nothing in it."""
    scheme, _, script = name.partition("://")
    if scheme.lower() != "tone_stream" or script.lower().startswith("path="):
        return None
    try:
        told = check_tone(script)
    except ValueError as error:
        return "L824", f"{script}: {error}", "such a playback fails"
    if not told:
        return None
    return "L824", f"{script}: {'; '.join(told)}", "it is played without that"


def _missing(path: Path) -> str:
    """Why a sound cannot be found; nothing if it can."""
    try:
        find_file(path, _RATE)
    except SourceError as error:
        return error.reason
    return ""
