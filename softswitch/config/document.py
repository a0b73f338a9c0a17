"""The XML registry: one configuration, whole and never changed; a reload makes another."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from softswitch.config.element import Element
from softswitch.config.errors import ConfigurationErrors, Finding, Severity, errors
from softswitch.config.parse import Parser
from softswitch.config.preprocess import Preprocessor

ROOT_FILES = ("softswitch.xml", "freeswitch.xml")
SECTIONS = (
    "configuration",
    "directory",
    "dialplan",
    "languages",
    "chatplan",
    "phrases",
    "channels",
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One generation of the configuration; safe to keep and to read from any thread."""

    number: int
    """Later generations have greater numbers."""
    root_file: Path
    root: Element
    globals: Mapping[str, str]
    """The variables that ``$${name}`` read, as they were when the last file was read."""
    assigned: Mapping[str, str | None] = field(default_factory=dict)
    """Of these, what the files themselves set, or deleted (None)."""
    files: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Warnings and notes; a configuration with errors does not come to be."""
    sections: Mapping[str, Element] = field(default_factory=dict)
    """Section names to sections; of two with one name the first."""
    _configurations: Mapping[str, Element] = field(default_factory=dict, repr=False)

    @property
    def directory(self) -> Path:
        """The folder of the root file."""
        return self.root_file.parent

    def section(self, name: str) -> Element | None:
        """The section of that name."""
        return self.sections.get(name.lower())

    def configuration(self, name: str) -> Element | None:
        """The ``<configuration>`` of that name, such as ``switch.conf``."""
        return self._configurations.get(name.lower())

    def locate(self, section: str, tag: str = "", key: str = "", value: str = "") -> Element | None:
        """In a section the first child of that tag whose attribute has that value."""
        found = self.section(section)
        if found is None or not tag:
            return found
        return found.find(tag, **({key: value} if key else {}))

    def __repr__(self) -> str:
        return (
            f"<Configuration {self.number} of {self.root_file}: {len(self.files)} files, "
            f"{len(self.findings)} findings>"
        )


def find_root(directory: Path) -> Path:
    """The root file in a folder; raises ``ConfigurationErrors`` if there is none."""
    for name in ROOT_FILES:
        if (directory / name).is_file():
            return directory / name
    message = f"there is neither {' nor '.join(ROOT_FILES)} in this folder"
    if not directory.is_dir():
        message = "there is no such folder"
    raise ConfigurationErrors(
        [Finding(str(directory), 0, 0, "C301", message, "give the folder with --conf DIR")]
    )


def load(
    directory: Path,
    globals: Mapping[str, str],
    *,
    number: int = 1,
    allow_commands: bool = False,
    resolve: Callable[[str], str | None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Configuration:
    """Read a folder's configuration; raises ``ConfigurationErrors`` with all that is wrong.

    ``globals`` are the variables known before the first line (see ``built_in_globals``);
    the other options are those of ``Preprocessor``. Reads files and nothing else, so it may
    run in any thread.
    """
    root_file = find_root(directory)
    preprocessor = Preprocessor(
        globals, allow_commands=allow_commands, resolve=resolve, environment=environment
    )
    document = preprocessor.read(root_file)
    dtd_off = preprocessor.variables.get("xml_disable_dtd", "").lower() in ("true", "yes", "1")
    parser = Parser(document_types=not dtd_off)
    forest = parser.parse(document)
    findings = [*preprocessor.findings, *parser.findings]
    if not errors(findings) and len(forest) != 1:
        message = f"the root file needs one root element and has {len(forest)}"
        hint = 'put all into <document type="freeswitch/xml">'
        findings.append(document.source.finding(1, 1, "C302", message, hint))
    if len(forest) != 1:
        raise ConfigurationErrors(in_order(findings))
    sections = _sections(forest[0], findings)
    configurations = _configurations(sections.get("configuration"), findings)
    configuration = Configuration(
        number,
        root_file,
        forest[0],
        MappingProxyType(preprocessor.variables),
        MappingProxyType(preprocessor.assigned),
        tuple(preprocessor.files),
        in_order(findings),
        MappingProxyType(sections),
        MappingProxyType(configurations),
    )
    if errors(findings):
        raise ConfigurationErrors(configuration.findings, configuration)
    return configuration


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as a reader meets them, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.order))


def _is_directive(element: Element) -> bool:
    """Whether the preprocessor has told of it, or somebody switched it off."""
    return element.tag.lower().endswith("process")


def _sections(root: Element, findings: list[Finding]) -> dict[str, Element]:
    sections: dict[str, Element] = {}
    for child in root.children if root.tag.lower() == "document" else ():
        if child.tag != "section" and not _is_directive(child):
            message = f"<{child.tag}> is no section and is ignored"
            hint = 'write <section name="...">'
            findings.append(child.finding("C303", message, hint, Severity.WARNING))
    for section in root.findall("section"):
        name = section.get("name", "").lower()
        if name not in SECTIONS:
            close = difflib.get_close_matches(name, SECTIONS, 1)
            findings.append(
                section.finding(
                    "C303",
                    f"there is no section {name!r}" if name else "this section has no name",
                    f"did you mean {close[0]!r}?" if close else f"known: {', '.join(SECTIONS)}",
                    Severity.WARNING,
                    attribute="name",
                )
            )
        _keep_first(sections, section, findings, "C304")
    if not sections and root.tag.lower() != "document":
        findings.append(
            root.finding(
                "C308",
                f"<{root.tag}> has no section, so nothing is configured",
                'put <section name="dialplan"> and its like into <document type="freeswitch/xml">',
                Severity.WARNING,
            )
        )
    return sections


def _configurations(section: Element | None, findings: list[Finding]) -> dict[str, Element]:
    configurations: dict[str, Element] = {}
    for configuration in section.findall("configuration") if section else ():
        _keep_first(configurations, configuration, findings, "C305")
    return configurations


def _keep_first(
    known: dict[str, Element], element: Element, findings: list[Finding], code: str
) -> None:
    name = element.get("name", "").lower()
    if not name:
        if element.tag != "section":
            findings.append(
                element.finding("C306", f"this <{element.tag}> has no name", "", Severity.WARNING)
            )
        return
    first = known.setdefault(name, element)
    if first is not element:
        findings.append(
            element.finding(
                code,
                f"{element.tag} {name!r} is already in {first.file}:{first.line}, which counts",
                "keep one of the two",
                Severity.WARNING,
                attribute="name",
            )
        )
