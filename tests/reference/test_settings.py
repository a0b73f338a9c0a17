from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import softswitch
from softswitch.lint.check import load_owners
from softswitch.reference.settings import blocks, find, written_default


def test_every_settings_class_is_listed() -> None:
    load_owners()
    listed = {block.settings for block in blocks()}
    for found in pkgutil.walk_packages(softswitch.__path__, "softswitch."):
        if not found.name.endswith("settings") or ".reference." in found.name:
            continue
        for value in vars(importlib.import_module(found.name)).values():
            if dataclasses.is_dataclass(value) and str(value).endswith("Settings'>"):
                # Parts of a class are listed with it.
                assert any(issubclass(each, value) for each in listed), value


def test_each_parameter_has_help() -> None:
    load_owners()
    for block in blocks():
        assert block.parameters
        assert [p.name for p in block.parameters if not p.help] == []


def test_a_name_is_found_in_each_block_that_has_it() -> None:
    load_owners()
    titles = [(block.title, parameter is not None) for block, parameter in find("Context")]
    assert titles == [("SIP profile", True), ("Gateway", True)]
    assert [(b.title, p) for b, p in find("vad")] == [("SIP profile", None)]
    assert list(find("nosuch")) == []


def test_a_default_is_told_as_it_would_be_written() -> None:
    defaults = {}
    for name in ("timer-T1", "auth-calls", "sip-port", "codec-prefs", "nonce-ttl"):
        _, parameter = next(find(name))
        assert parameter is not None
        defaults[name] = written_default(parameter)
    assert defaults == {
        "timer-T1": "500",
        "auth-calls": "false",
        "sip-port": "5060",
        "codec-prefs": "",
        "nonce-ttl": "60",
    }
