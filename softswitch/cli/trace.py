"""``softswitch trace``: the messages of a call of a running switch, drawn or as a capture file."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import click

from softswitch.cli.options import data_option, place_options
from softswitch.console.client import Client, Refused
from softswitch.console.place import place


@click.command("trace")
@click.argument("call")
@click.option("--pcap", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@place_options
@data_option
def command(
    call: str,
    pcap: Path | None,
    host: str | None,
    port: int | None,
    password: str | None,
    data: Path,
) -> None:
    """Show the SIP messages of CALL: a uuid, also of a call that is over, or a Call-ID; all
    messages that are kept with "all". With --pcap they are written for sngrep or Wireshark, those
    of TLS decrypted.
    """
    try:
        client = Client(*place(data, host, port, password), 10)
        try:
            answer = client.command(f"sofia trace {call}{' pcap' if pcap else ''}")
        finally:
            client.close()
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    if answer.startswith("-ERR"):
        raise click.ClickException(answer.removeprefix("-ERR").strip())
    if pcap is None:
        click.echo(answer, nl=False)
        return
    try:
        content = base64.b64decode(answer, validate=False)
    except binascii.Error:
        raise click.ClickException("the switch's answer is no capture file") from None
    pcap.write_bytes(content)
    click.echo(f"{pcap}: {len(content)} octets")
