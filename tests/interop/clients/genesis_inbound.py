"""genesis: log in, run commands, follow a call that it makes. Prints what it saw."""

import asyncio
import json
import sys

from genesis import Inbound

port, password, dial = int(sys.argv[1]), sys.argv[2], sys.argv[3]


async def main():
    names, over = [], asyncio.Event()

    async def follow(event):
        names.append(event["Event-Name"])
        if event["Event-Name"] == "CHANNEL_DESTROY":
            over.set()

    async with Inbound("127.0.0.1", port, password) as client:
        client.on("*", follow)
        listening = await client.send("event plain ALL")
        status = await client.send("api status")
        job = await client.send(f"bgapi originate {dial}")
        await asyncio.wait_for(over.wait(), 20)
        print(
            json.dumps(
                {
                    "status": status.body,
                    "listening": listening["Reply-Text"],
                    "job": job["Reply-Text"].startswith("+OK Job-UUID"),
                    "names": names,
                }
            )
        )


asyncio.run(main())
