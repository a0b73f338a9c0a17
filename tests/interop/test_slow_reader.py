"""A client of the event socket that stops reading while calls are made: nobody else notices."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.interop.test_event_socket_clients import socket_port
from tests.interop.test_sipp import Sipp, bridge
from tests.support.programs import needs
from tests.support.server import until
from tests.support.serving import Serve

pytestmark = needs("sipp")

CALLS = 200
LOST = b"Event-Subclass: event_socket%3A%3Alost"


async def test_a_client_that_stops_reading_costs_no_call_and_is_told(
    serve: Serve, tmp_path: Path
) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), listen=("CHANNEL_HANGUP_COMPLETE",))
    module = server.switch.modules.running["mod_event_socket"]
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        client.setblocking(False)
        await server.switch.loop.sock_connect(client, ("127.0.0.1", int(socket_port(server))))
        wish = b"auth only-for-tests\n\nevent plain ALL\n\n"
        await server.switch.loop.sock_sendall(client, wish)
        connections = module.server.connections  # type: ignore[attr-defined]
        await until(lambda: any(one.listener.names for one in connections), "the wish")
        [connection] = connections
        async with callee.answering():
            outcome = await caller.call(server.address(), "7000", "-d", "100", calls=CALLS, rate=50)
            assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
            await until(lambda: not server.left_over(), "the end", then=callee.log)
        listener = connection.listener
        assert listener.full and listener.lost > 0
        # What waits is bounded: the switch keeps no more than it was told to.
        assert listener._bytes <= 16 * 1024 * 1024 + 1024
        got = b""
        while LOST not in got:
            got = got[-len(LOST) :] + await server.switch.loop.sock_recv(client, 1 << 20)
