"""``softswitch trace``: the messages of a call of a running switch, drawn or as a capture file."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import click

from softswitch.cli.options import data_option


@click.command("trace")
@click.argument("call")
@click.option("--pcap", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--host", "-H", default="127.0.0.1", help="Where the switch is.")
@click.option("--port", "-P", default=8021, help="Its event socket's port.")
@click.option("--password", "-p", help="The event socket's password; else the generated one.")
@data_option
def command(
    call: str, pcap: Path | None, host: str, port: int, password: str | None, data: Path
) -> None:
    """Show the SIP messages of CALL: a uuid, also of a call that is over, or a Call-ID; all
    messages that are kept with "all". With --pcap they are written for sngrep or Wireshark, those
    of TLS decrypted.
    """
    from softswitch.cli.console import stored_password
    from softswitch.console.client import Client, Refused

    try:
        client = Client(host, port, password or stored_password(data), 10)
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
