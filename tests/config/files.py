"""Configuration folders made of texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from softswitch.config.document import Configuration, load
from softswitch.config.errors import ConfigurationErrors, Finding

ROOT = """<document type="freeswitch/xml">
<section name="configuration">
<X-PRE-PROCESS cmd="include" data="autoload_configs/*.xml"/>
</section>
<section name="dialplan">
<X-PRE-PROCESS cmd="include" data="dialplan/*.xml"/>
</section>
<section name="directory">
<X-PRE-PROCESS cmd="include" data="directory/*.xml"/>
</section>
</document>
"""


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, with a root file that includes them if none is given."""
    for name, content in {"softswitch.xml": ROOT, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def load_files(
    folder: Path, files: Mapping[str, str | bytes], variables: Mapping[str, str] | None = None
) -> Configuration:
    return load(write_files(folder, files), variables or {}, environment={"SHELL_VALUE": "7"})


def findings_of(
    folder: Path, files: Mapping[str, str | bytes], variables: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """What loading finds, whether it succeeds or not."""
    try:
        return load_files(folder, files, variables).findings
    except ConfigurationErrors as refused:
        return refused.findings
