"""What ``sofia jsonstatus`` and the JSON commands of ``sofia`` tell, in FreeSWITCH's shape."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from softswitch.endpoints.sip.gateway_report import retry_seconds
from softswitch.endpoints.sip.report import bind_urls

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.endpoints.sip.profile import Profile

Data = dict[str, Any]

_ARRAY = re.compile(r'\[\s+("[^"]*")\s+\]')


def json_status(sip: SipEndpoint) -> str:
    """``sofia jsonstatus``: the same as text, laid out as FreeSWITCH does it."""
    text = json.dumps(
        status(sip, with_info=True), indent="\t", separators=(",", ":\t"), ensure_ascii=False
    )
    return _ARRAY.sub(r"[\1]", text) + "\n"


def status(sip: SipEndpoint, *, with_info: bool) -> Data:
    """Profiles, aliases and gateways, and with ``with_info`` the settings of profiles."""
    profiles: Data = {}
    for alias, name in sip.aliases.items():
        profiles[alias] = {"status": {"type": "alias", "data": name, "state": "ALIASED"}}
        if with_info:
            profiles[alias]["info"] = _info(sip.profiles[name], alias)
    for profile in sip.profiles.values():
        profiles[profile.name] = _profile(profile)
        if with_info:
            profiles[profile.name]["info"] = _info(profile, profile.name)
    return {"profiles": profiles}


def _profile(profile: Profile) -> Data:
    state: Data = {"type": "profile", "state": "RUNNING", "in-use": profile.calls}
    if profile.settings.tls_only:
        state |= {"data": profile.transports.url("tls"), "transport": "tls"}
    else:
        state["data"] = profile.url
    told: Data = {"status": state}
    if profile.gateways:
        told["gateways"] = {each.name: _gateway(each) for each in profile.gateways.values()}
    return told


def _gateway(gateway: Gateway) -> Data:
    told: Data = {"type": "gateway", "data": gateway.account, "state": gateway.state}
    seconds = retry_seconds(gateway)
    if seconds is not None:
        told["retry"] = seconds if seconds > 0 else "never"
    return told


def _info(profile: Profile, name: str) -> Data:
    settings = profile.settings
    told: Data = {"domain-name": settings.sip_domain or "N/A"}
    if name.lower() != profile.name.lower():
        told["alias-of"] = profile.name
    told |= {
        "auto-nat": "false",
        "db-name": f"sofia_reg_{profile.name}",
        "pres-hosts": ",".join(settings.presence_hosts),
        "dialplan": settings.dialplan,
        "context": settings.context,
        "challenge-realm": settings.challenge_realm,
        "rtp-ip": [profile.rtp_ip],
        "ext-rtp-ip": settings.ext_rtp_ip,
        "sip-ip": profile.sip_ip,
        "ext-sip-ip": settings.ext_sip_ip,
    }
    told |= {tag.lower(): url for tag, url in bind_urls(profile)}
    told["hold-music"] = settings.hold_music
    told["outbound-proxy"] = settings.outbound_proxy or "N/A"
    return told
