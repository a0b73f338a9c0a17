"""Caller profiles: fields, defaults and copies."""

from __future__ import annotations

import pytest

from softswitch.switch.caller import CallerProfile, Times


def test_empty_fields_become_what_dialplans_expect() -> None:
    profile = CallerProfile(caller_id_name="Alice", context="")
    assert profile.caller_id_number == profile.ani == "0000000000"
    assert profile.context == "default"
    assert profile.orig_caller_id_name == "Alice"
    assert CallerProfile(caller_id_number="1").ani == "1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("destination_number", "100"),
        ("Destination_Number", "100"),
        ("profile_index", "1"),
        ("screen_bit", "true"),
        ("privacy_hide_name", "false"),
        ("created_time", "5"),
        ("caller_ton", ""),
        ("nonsense", None),
        ("times", None),
        ("clone", None),
    ],
)
def test_fields_are_read_as_text(name: str, value: str | None) -> None:
    profile = CallerProfile(destination_number="100", times=Times(created=5))
    assert profile.field(name) == value


def test_fields_are_set_by_name_and_unknown_ones_kept_beside() -> None:
    profile = CallerProfile()
    profile.set_field("Caller_ID_Name", "Bob")
    profile.set_field("privacy_hide_number", "yes")
    profile.set_field("colour", "red")
    assert (profile.caller_id_name, profile.privacy_hide_number) == ("Bob", True)
    assert profile.field("colour") == "red"
    assert profile.soft == {"colour": "red"}


def test_a_clone_has_its_own_times_and_further_names() -> None:
    profile = CallerProfile(times=Times(answered=7), soft={"colour": "red"})
    clone = profile.clone(destination_number="200")
    clone.set_field("colour", "blue")
    assert (clone.destination_number, clone.times.answered) == ("200", 0)
    assert profile.field("colour") == "red"
    kept = Times(answered=1)
    assert profile.clone(times=kept).times is kept
