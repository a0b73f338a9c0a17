"""rtpengine under the same load: what a relay of others takes on this machine at this moment.

Goals come from a machine on which rtpengine 10.5 takes 0.7 to 0.8 ms for each second of a call, in
user space. Kamailio, which asks it for each call, passes the load generator's SIP on; its own time
is not counted.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmark.load import SteadyTime, load_command
from benchmark.scenarios import Scenario
from benchmark.server import cpu_seconds, free_ports

PROGRAMS = ("rtpengine", "kamailio")
PORTS = (16000, 31998)
"""Four for each call; below those that the kernel gives away by itself."""
PATIENCE = 5.0
"""Seconds in which rtpengine has to answer."""

CONFIGURATION = """
debug=0
log_stderror=no
children=2
listen=udp:127.0.0.1:{sip}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:{control}")
request_route {{
    if (is_method("INVITE") && !has_totag()) {{
        rtpengine_offer("replace-origin");
        t_on_reply("ANSWER");
        $du = "sip:127.0.0.1:{callee}";
    }} else if (is_method("BYE")) {{
        rtpengine_delete();
    }}
    t_relay();
}}
onreply_route[ANSWER] {{
    if (has_body("application/sdp")) rtpengine_answer("replace-origin");
}}
"""


def measure_peer(scenario: Scenario) -> dict[str, Any] | None:
    """CPU for each call-second and the load generator's figures; None where a program is absent."""
    if not all(map(shutil.which, PROGRAMS)):
        return None
    with tempfile.TemporaryDirectory() as folder:
        return _measure(scenario, Path(folder))


def _measure(scenario: Scenario, folder: Path) -> dict[str, Any]:
    sip, control, callee, caller = free_ports(4)
    relay = subprocess.Popen(
        [
            *("rtpengine", "--foreground", "--log-level=3", "--table=-1"),
            *("--interface=127.0.0.1", f"--listen-ng=127.0.0.1:{control}"),
            *(f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}", f"--pidfile={folder}/pid"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_rtpengine(control)
        (folder / "kamailio.cfg").write_text(
            CONFIGURATION.format(sip=sip, control=control, callee=callee)
        )
        proxy = subprocess.Popen(
            ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1)
        try:
            steady = SteadyTime(scenario, lambda: cpu_seconds(relay.pid))
            command = load_command(scenario, sip, callee, caller)
            load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            while load.poll() is None:
                steady.look()
                time.sleep(0.05)
            assert load.stdout is not None
            result: dict[str, Any] = json.loads(load.stdout.read())
            result["cpu_ms_per_call_second"] = steady.cpu_ms_per_call_second()
            return result
        finally:
            stop(proxy)
    finally:
        stop(relay)


def wait_for_rtpengine(control: int) -> None:
    """Until it answers a ping of its control protocol."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                asking.sendto(b"1 d7:command4:pinge", ("127.0.0.1", control))
                asking.recv(100)
            except OSError:  # Nothing listens yet, or it has not answered in time.
                time.sleep(0.05)
            else:
                return
    raise RuntimeError("rtpengine does not answer")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=20)
