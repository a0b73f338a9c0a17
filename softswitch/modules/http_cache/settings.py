"""``http_cache.conf``: how much is kept, where and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator


@dataclass(frozen=True, slots=True)
class HttpCacheSettings:
    """The settings of the cache."""

    max_urls: int = param("max-urls", 10_000, minimum=1, help="files that are kept at most")
    location: str = param("location", "", help="the folder; cache_dir/http_file_cache if empty")
    default_max_age: int = param(
        "default-max-age", 86_400, minimum=0, help="seconds where a server does not say"
    )
    connect_timeout: float = param(
        "connect-timeout", 10.0, unit=Unit.SECONDS, minimum=1, help="to reach a server"
    )
    download_timeout: float = param(
        "download-timeout", 300.0, unit=Unit.SECONDS, minimum=1, help="for a whole file"
    )
    prefetch_queue_size: int = param(
        "prefetch-queue-size", 100, minimum=1, help="files that wait to be fetched at most"
    )
    ssl_verifypeer: bool = param("ssl-verifypeer", True, help="believe no unknown certificate")

    accepted: ClassVar[tuple[str, ...]] = (
        "enable-file-formats",
        "prefetch-thread-count",
        "ssl-cacert",
        "ssl-verifyhost",
    )


def read_settings(configuration: Configuration) -> tuple[HttpCacheSettings, list[Finding]]:
    """The settings of a configuration and what is wrong with them."""
    element = configuration.configuration("http_cache.conf")
    return read_params(element.find("settings") if element else None, HttpCacheSettings)


register_validator("configuration", lambda configuration: read_settings(configuration)[1])
