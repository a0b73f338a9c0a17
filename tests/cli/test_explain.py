from __future__ import annotations

from click.testing import CliRunner

from softswitch.cli.explain import command


def test_names_are_explained() -> None:
    result = CliRunner().invoke(command, ["playback", "sip-port"])
    assert result.exit_code == 0
    assert result.output.startswith("application playback <path>")
    assert "setting sip-port" in result.output


def test_a_name_that_is_not_known_has_suggestions_and_exit_status_one() -> None:
    result = CliRunner().invoke(command, ["plaback", "qqqqqqqq"])
    assert result.exit_code == 1
    assert "plaback is not known: did you mean playback" in result.output
    assert "qqqqqqqq is not known: nothing is named like it" in result.output


def test_without_a_name_the_usage_is_told() -> None:
    assert CliRunner().invoke(command, []).exit_code == 2
