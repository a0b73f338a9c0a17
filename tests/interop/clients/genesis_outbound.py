"""genesis: a server that answers a call, plays to it and hangs up. Prints its port first."""

import asyncio
import json
import socket

from genesis import Outbound

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


async def main():
    done = asyncio.Event()

    async def handle(session):
        await session.sendmsg("execute", "answer", block=True, timeout=20)
        tone = "tone_stream://%(2500,0,1004)"
        await session.sendmsg("execute", "playback", tone, block=True, timeout=20)
        await session.sendmsg("hangup", "", "NORMAL_CLEARING")
        told = {"uuid": session.uuid, "mode": session.context["Socket-Mode"]}
        print(json.dumps(told), flush=True)
        done.set()

    server = Outbound(handle, "127.0.0.1", port)
    await server.start(block=False)
    print(port, flush=True)
    await asyncio.wait_for(done.wait(), 30)
    await server.stop()


asyncio.run(main())
