"""Kamailio as a test's proxy in front of the switch, and as a provider that trunks register at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.ports import free_port
from tests.support.programs import running
from tests.support.server import until

PASSWORD = "trunk-secret"
CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
fork=no
children=1
disable_tcp=yes
listen=udp:127.0.0.1:{port}
alias="provider.test"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "path.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("rr", "enable_full_lr", 1)
request_route {{
    xlog("L_NOTICE", "SEEN $rm $ru from $si:$sp\\n");
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK") && t_check_trans()) t_relay();
        exit;
    }}
    if (is_method("REGISTER") && $td == "provider.test") {{
        if (!pv_www_authenticate("provider.test", "{password}", "0")) {{
            www_challenge("provider.test", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    record_route();
    loose_route();
    if ($sp == {switch}) {{ t_relay(); exit; }}
    if (is_method("REGISTER")) add_path();
    if ($rd == "provider.test") {{
        if (lookup("location")) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not Found");
        exit;
    }}
    $du = "sip:127.0.0.1:{switch}";
    t_relay();
}}
"""


class Kamailio:
    """A running Kamailio."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    @property
    def log(self) -> str:
        """What it said so far."""
        return self._log.read_text(errors="replace")


@asynccontextmanager
async def kamailio(folder: Path, switch: int) -> AsyncIterator[Kamailio]:
    """Run one that sends what is not its own on to the switch at that port."""
    port = free_port()
    config = _write(folder, port, switch)
    arguments = ["-f", config, "-DD", "-E", "-m", "32", "-M", "4", "-w", folder, "-Y", folder]
    async with running(["kamailio", *arguments], folder / "log") as process:
        found = Kamailio(port, folder / "log")
        await until(
            lambda: process.returncode is not None or _listens(port),
            "Kamailio",
            20,
            lambda: found.log,
        )
        assert process.returncode is None, found.log
        yield found


def _write(folder: Path, port: int, switch: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "kamailio.cfg"
    config.write_text(CONFIG.format(port=port, switch=switch, password=PASSWORD))
    return config


def _listens(port: int) -> bool:
    wanted = f":{port:04X} "
    return any(wanted in line for line in Path("/proc/net/udp").read_text().splitlines())
