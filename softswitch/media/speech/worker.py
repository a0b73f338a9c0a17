"""A process that speaks with ``pyttsx3``: ``python -m softswitch.media.speech.worker FILE VOICE``.

The text comes on standard input. It has its own process since ``pyttsx3`` keeps one loop for
all that it says.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Speak standard input into the file; 1 where it cannot be done."""
    import pyttsx3

    path, wanted = arguments[0], arguments[1].lower() if len(arguments) > 1 else ""
    engine = pyttsx3.init()
    for voice in engine.getProperty("voices") if wanted else ():
        if wanted in (voice.id.lower(), str(voice.name).lower()):
            engine.setProperty("voice", voice.id)
            break
    engine.save_to_file(sys.stdin.read(), path)
    engine.runAndWait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
