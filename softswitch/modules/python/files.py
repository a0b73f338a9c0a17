"""Reading the operator's files: each is run as a whole before anything of it counts."""

from __future__ import annotations

import ast
import importlib.util
import stat
import sys
import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from softswitch.registry import Aside, set_aside

MODULE = "mod_python"
PACKAGE = "softswitch_operator"
"""What the names of the loaded modules begin with."""


class FileRefused(Exception):
    """A file could not be read or run; the message has file and line."""


def python_files(folder: Path) -> list[Path]:
    """The files to load, in order; those that begin with ``_`` are helpers of others."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def load(path: Path) -> Aside:
    """Run a file and return what it registers; nothing of it counts yet.

    May run in any thread. Raises `FileRefused`.
    """
    _check_owner(path)
    name = f"{PACKAGE}.{path.stem}"
    try:
        # Compiled from the text: a cached file may be as old as the second.
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise FileRefused(f"{path}:{error.lineno or 1}: {error.msg}") from error
    except (OSError, ValueError) as error:
        raise FileRefused(f"{path}: {error}") from error
    spec = importlib.util.spec_from_file_location(name, path)
    module = ModuleType(name)
    module.__file__, module.__spec__ = str(path), spec
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        with set_aside() as entries:
            exec(code, module.__dict__)
    except BaseException as error:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        if not isinstance(error, Exception):
            raise
        message = f"{place_of(error, path)}: {type(error).__name__}: {error}"
        raise FileRefused(message) from error
    return [
        (registry, replace(entry, module=entry.module or MODULE)) for registry, entry in entries
    ]


def place_of(error: BaseException, path: Path) -> str:
    """File and line of the last step of an error that was in that file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f"{path}:{lines[-1] if lines and lines[-1] else 1}"


def forget_helpers(folder: Path) -> None:
    """Have modules of the folder that others import read anew the next time."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and not name.startswith(f"{PACKAGE}.") and Path(file).parent == folder:
            del sys.modules[name]


def registered_names(folder: Path) -> Iterable[tuple[str, str]]:
    """Kind (``application``, ``command``) and name of what the files would register.

    Read from their text; nothing is run, so only names that are written out are found.
    """
    for path in python_files(folder):
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                if not isinstance(decorator, ast.Call):
                    continue
                called = decorator.func
                kind = called.attr if isinstance(called, ast.Attribute) else ""
                kind = called.id if isinstance(called, ast.Name) else kind
                for argument in decorator.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield kind, argument.value


def _check_owner(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror}") from error
    if mode & stat.S_IWOTH:
        raise FileRefused(f"{path}: everybody may write it, so it is not run (chmod o-w)")
