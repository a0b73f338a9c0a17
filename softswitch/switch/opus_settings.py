"""``opus.conf``: what far ends are asked for (RFC 7587 §6.1), and how we encode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator

_RATES = ("0", "8000", "12000", "16000", "24000", "48000")


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """``<settings>`` of ``opus.conf``; without the file it is as if ``use-vbr`` were set."""

    use_vbr: bool = param("use-vbr", False, help="the bit rate varies with what is said")
    use_dtx: bool = param("use-dtx", False, help="far ends are asked to send nothing in silence")
    complexity: int = param(
        "complexity", 0, minimum=0, maximum=10, help="effort of the encoder; 0 for the usual 5"
    )
    packet_loss_percent: int = param(
        "packet-loss-percent",
        0,
        minimum=0,
        maximum=100,
        help="loss to be borne; 0 for the usual 10",
    )
    advertise_useinbandfec: bool = param(
        "advertise-useinbandfec", True, help="far ends are asked for forward error correction"
    )
    keep_fec_enabled: bool = param(
        "keep-fec-enabled",
        False,
        help="rather a narrower sound than none corrected where the bit rate is low",
    )
    adjust_bitrate: bool = param(
        "adjust-bitrate", False, help="bit rate and correction follow the loss that RTCP tells of"
    )
    bitrate_negotiation: bool = param(
        "bitrate-negotiation", False, help="maxaveragebitrate bounds what we send, too"
    )
    maxaveragebitrate: int = param(
        "maxaveragebitrate",
        0,
        minimum=0,
        maximum=510000,
        help="bits a second far ends may send, 6000 or more; 0 says nothing",
    )
    maxplaybackrate: str = param(
        "maxplaybackrate", "0", choices=_RATES, help="highest rate we want to hear; 0 says nothing"
    )
    sprop_maxcapturerate: str = param(
        "sprop-maxcapturerate", "0", choices=_RATES, help="highest rate we send; 0 says nothing"
    )

    accepted: ClassVar[Mapping[str, str]] = {
        "use-jb-lookahead": "a lost packet is always corrected from the next, where that has come",
        "asymmetric-sample-rates": "both directions have the lower of the rates that were told",
        "mono": "one channel is sent, and two are mixed down",
        "debuginfo": "the figures are those of uuid_media_stats and the hang-up variables",
    }

    @property
    def offered(self) -> Mapping[str, str]:
        """The parameters that we say to far ends; an empty value takes one back."""
        said = {"useinbandfec": "1" if self.advertise_useinbandfec else ""}
        if self.use_dtx:
            said["usedtx"] = "1"
        if self.maxaveragebitrate >= 6000:
            said["maxaveragebitrate"] = str(self.maxaveragebitrate)
        for name, rate in (
            ("maxplaybackrate", self.maxplaybackrate),
            ("sprop-maxcapturerate", self.sprop_maxcapturerate),
        ):
            if rate != "0":
                said[name] = rate
        return said

    @property
    def encoder(self) -> str:
        """What the engine's encoder is told."""
        told = [f"vbr={self.use_vbr:d}"]
        if self.complexity:
            told.append(f"complexity={self.complexity}")
        if self.packet_loss_percent:
            told.append(f"loss={self.packet_loss_percent}")
        if self.keep_fec_enabled:
            told.append("keepfec=1")
        if self.adjust_bitrate:
            told.append("adjust=1")
        if self.bitrate_negotiation and self.maxaveragebitrate >= 6000:
            told.append(f"bitrate={self.maxaveragebitrate}")
        if self.sprop_maxcapturerate != "0":
            told.append(f"rate={self.sprop_maxcapturerate}")
        return ";".join(told)


WITHOUT_FILE = OpusSettings(use_vbr=True)
"""What holds without the file."""


def read_opus_settings(configuration: Configuration) -> tuple[OpusSettings, list[Finding]]:
    """The settings of a configuration and what is wrong with them."""
    element = configuration.configuration("opus.conf")
    if element is None:
        return WITHOUT_FILE, []
    return read_params(element.find("settings"), OpusSettings)


@lru_cache(maxsize=64)
def opus_parameters(fmtp: str, settings: OpusSettings) -> str:
    """The parameters of a codec string's Opus with those of the settings beside them."""
    values = dict(item.split("=", 1) for item in fmtp.split(";") if "=" in item)
    own = values.pop("useinbandfec", "")
    said = {"useinbandfec": own, **settings.offered, **values}
    return ";".join([f"{name}={value}" for name, value in said.items() if value])


register_validator("configuration", lambda configuration: read_opus_settings(configuration)[1])
