"""Global variables: the one place where they change at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


def set_global(switch: Switch, name: str, value: str) -> None:
    """Set a global variable, for calls at once and for ``$${}`` at the next reload.

    An empty value removes it.
    """
    if value:
        switch.globals[name] = value
    else:
        switch.globals.pop(name, None)
    switch.globals_changed()
