"""``file://``"""

from __future__ import annotations

import pytest

from softswitch.media.source import Parts, SourceError
from tests.media.formats.requests import ask


@pytest.mark.parametrize("host", ["", "localhost"])
def test_a_uri_names_an_absolute_path_of_this_host(host: str) -> None:
    assert ask(f"file://{host}/var/good%20day.wav") == Parts(("/var/good day.wav",))


@pytest.mark.parametrize("body", ["example.com/a.wav", "/a%2Fb.wav", "relative.wav"])
def test_other_hosts_and_hidden_slashes_are_refused(body: str) -> None:
    with pytest.raises(SourceError):
        ask(f"file://{body}")
