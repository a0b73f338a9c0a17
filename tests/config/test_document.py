from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from lxml import etree

from softswitch.config.document import find_root, load
from softswitch.config.errors import ConfigurationErrors, Severity
from softswitch.config.host import built_in_globals
from softswitch.config.secrets import load_or_create
from softswitch.config.validators import validate
from softswitch.directory.lookup import Directory
from softswitch.switch.acl import AccessLists
from tests.config.files import load_files, write_files

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT / "../shared/data"
VANILLA = SHARED / "freeswitch-vanilla"
BENCH = SHARED / "bench-conf"

needs_shared = pytest.mark.skipif(not VANILLA.is_dir(), reason="needs the data beside the project")


def test_sections_and_configurations_are_found_by_name_without_case(tmp_path: Path) -> None:
    files = {
        "autoload_configs/a.xml": '<configuration name="Switch.conf"><settings/></configuration>'
    }
    configuration = load_files(tmp_path, files)
    assert set(configuration.sections) == {"configuration", "dialplan", "directory"}
    assert configuration.section("DIALPLAN") is configuration.sections["dialplan"]
    assert configuration.section("chatplan") is None
    found = configuration.configuration("switch.conf")
    assert found is not None
    assert found.get("name") == "Switch.conf"
    assert configuration.configuration("none.conf") is None


def test_locate_finds_a_child_of_a_section(tmp_path: Path) -> None:
    files = {"directory/d.xml": '<domain name="one"/><domain name="Two"/>'}
    configuration = load_files(tmp_path, files)
    two = configuration.locate("directory", "domain", "name", "two")
    assert two is not None
    assert two.get("name") == "Two"
    first = configuration.locate("directory", "domain")
    assert first is not None
    assert first.get("name") == "one"
    assert configuration.locate("directory") is configuration.section("directory")
    assert configuration.locate("directory", "domain", "name", "three") is None
    assert configuration.locate("none", "domain") is None


def test_of_two_sections_with_one_name_the_first_counts(tmp_path: Path) -> None:
    root = (
        '<document>\n<section name="dialplan"><context name="a"/></section>\n'
        '<section name="Dialplan"><context name="b"/></section>\n</document>'
    )
    configuration = load_files(tmp_path, {"softswitch.xml": root})
    assert configuration.locate("dialplan", "context", "name", "a")
    assert not configuration.locate("dialplan", "context", "name", "b")


def test_the_variables_are_those_after_the_last_line(tmp_path: Path) -> None:
    files = {
        "autoload_configs/1.xml": '<X-PRE-PROCESS cmd="set" data="v=1"/>',
        "directory/2.xml": '<X-PRE-PROCESS cmd="set" data="v=2"/>',
    }
    configuration = load_files(tmp_path, files, {"given": "3"})
    assert configuration.globals == {"v": "2", "given": "3"}
    assert configuration.assigned == {"v": "2"}
    with pytest.raises(TypeError):
        configuration.globals["v"] = "4"  # type: ignore[index]


def test_the_root_file_is_softswitch_xml_before_freeswitch_xml(tmp_path: Path) -> None:
    (tmp_path / "freeswitch.xml").write_text("<document/>")
    assert find_root(tmp_path).name == "freeswitch.xml"
    (tmp_path / "softswitch.xml").write_text("<document/>")
    assert find_root(tmp_path).name == "softswitch.xml"


@pytest.mark.parametrize("name", ["", "not-there"])
def test_a_folder_without_a_root_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as refused:
        load(tmp_path / name, {})
    assert refused.value.findings[0].code == "C301"


def test_all_files_read_are_listed(tmp_path: Path) -> None:
    configuration = load_files(tmp_path, {"dialplan/x.xml": "<a/>", "dialplan/x.txt": ""})
    assert [Path(name).name for name in configuration.files] == ["softswitch.xml", "x.xml"]
    assert "2 files" in repr(configuration)


def test_the_shipped_configuration_is_without_fault(tmp_path: Path) -> None:
    secrets = load_or_create(tmp_path)
    configuration = load(PROJECT / "conf", built_in_globals(PROJECT / "conf", tmp_path))
    found = [*configuration.findings, *validate(configuration)]
    assert not found, "\n".join(map(str, found))
    directory = Directory.from_configuration(configuration)
    domain = configuration.globals["domain"]
    for number in range(1000, 1020):
        user = directory.user(str(number), domain)
        assert user is not None
        assert user.password == secrets["default_password"]
        assert user.context == "default"
        assert "sofia_contact" in user.dial_string
    assert directory.in_group("1001", "sales", domain)
    profiles = configuration.configuration("sofia.conf")
    assert profiles is not None
    names = [profile.get("name") for profile in profiles.iter("profile")]
    assert names == ["external", "internal"]
    lists = AccessLists.from_configuration(configuration, directory)
    assert "domains" in lists


def test_the_shipped_configuration_has_no_password_anybody_knows(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    configuration = load(PROJECT / "conf", built_in_globals(PROJECT / "conf", tmp_path))
    known = set(load_or_create(tmp_path).values())
    passwords = {
        param.get("value")
        for param in configuration.root.iter("param")
        if param.get("name", "").endswith("password")
    }
    assert passwords
    assert passwords <= known


def test_no_two_extensions_of_the_shipped_dialplan_want_the_same(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    configuration = load(PROJECT / "conf", built_in_globals(PROJECT / "conf", tmp_path))
    for name in ("default", "public"):
        context = configuration.locate("dialplan", "context", "name", name)
        assert context is not None
        extensions = [extension.get("name") for extension in context.findall("extension")]
        assert len(extensions) == len(set(extensions))
        wanted = [
            tuple(tuple(c.attributes.items()) for c in extension.iter("condition"))
            for extension in context.findall("extension")
            if not extension.get("continue")
        ]
        assert len(wanted) == len(set(wanted))


@pytest.mark.slow
@needs_shared
def test_freeswitchs_own_configuration_loads_unmodified(tmp_path: Path) -> None:
    configuration = load(VANILLA, built_in_globals(VANILLA, tmp_path))
    assert all(finding.severity < Severity.ERROR for finding in configuration.findings)
    assert len(configuration.files) == 162
    assert configuration.globals["default_password"] == "1234"
    assert configuration.globals["domain"] == configuration.globals["local_ip_v4"]
    assert configuration.globals["us-ring"] == "%(2000,4000,440,480)"
    assert "digits_dialed_filter" not in configuration.globals
    contexts = configuration.section("dialplan")
    assert contexts is not None
    names = [context.get("name") for context in contexts.findall("context")]
    assert names == ["default", "features", "public", "skinny-patterns"]
    default = configuration.locate("dialplan", "context", "name", "default")
    assert default is not None
    assert len(list(default.findall("extension"))) == 76
    languages = configuration.section("languages")
    assert languages is not None
    assert len(list(languages.findall("language"))) == 7
    findings = validate(configuration)
    assert not [finding for finding in findings if finding.severity is Severity.ERROR]


@pytest.mark.slow
@needs_shared
def test_every_element_of_freeswitchs_configuration_stands_where_it_says(tmp_path: Path) -> None:
    configuration = load(VANILLA, built_in_globals(VANILLA, tmp_path))
    texts = {name: Path(name).read_text().split("\n") for name in configuration.files}
    count = 0
    for element in configuration.root.iter():
        line = texts[element.file][element.line - 1]
        assert line[element.column - 1 :].startswith(f"<{element.tag}"), element
        count += 1
    assert count > 6000


def merged(path: Path, variables: dict[str, str]) -> str:
    """All files as the one text that FreeSWITCH makes of them, for what its own files use."""
    lines = []
    inside = False
    for written in path.read_text().split("\n"):
        line = re.sub(r"\$\$\{([^}]*)\}", lambda name: variables.get(name[1], ""), written)
        directive = re.search(r'<X-PRE-PROCESS cmd="([\w-]+)" data="([^"]*)"', line)
        if "<include>" in line or "</include>" in line or "<?" in line:
            continue
        if inside or "<!--#" in line:
            inside = "-->" not in line
        elif directive and directive[1] == "set":
            name, _, value = directive[2].partition("=")
            variables[name] = value
        elif directive and directive[1] == "include":
            found = sorted(path.parent.glob(directive[2].removeprefix("../"))) or sorted(
                path.parent.parent.glob(directive[2].removeprefix("../"))
            )
            lines += [merged(each, variables) for each in found]
        elif "X-PRE-PROCESS" not in line:
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.slow
@needs_shared
def test_files_parsed_one_by_one_give_what_one_merged_text_gives(tmp_path: Path) -> None:
    variables = built_in_globals(VANILLA, tmp_path)
    configuration = load(VANILLA, variables)
    parser = etree.XMLParser(remove_comments=True)
    root = etree.fromstring(merged(VANILLA / "freeswitch.xml", variables), parser)
    expected = [(element.tag, dict(element.attrib)) for element in root.iter("*")]
    assert [(e.tag, dict(e.attributes)) for e in configuration.root.iter()] == expected
    texts = [(element.text or "").strip() for element in root.iter("*") if len(element) == 0]
    assert [e.text.strip() for e in configuration.root.iter() if len(e) == 0] == texts


@needs_shared
def test_the_benchmark_configuration_loads_unmodified(tmp_path: Path) -> None:
    configuration = load(BENCH, built_in_globals(BENCH, tmp_path))
    assert not configuration.findings
    directory = Directory.from_configuration(configuration)
    user = directory.user("1000", "127.0.0.1")
    assert user is not None
    assert user.password == "bench-1000"
    assert (
        AccessLists.from_configuration(configuration, directory).check("bench", "127.0.0.9").allowed
    )


@pytest.mark.slow
def test_twenty_thousand_extensions_load_in_seconds(tmp_path: Path) -> None:
    extensions = "\n".join(
        f'<extension name="e{n}">\n<condition field="destination_number" expression="^{n}$">\n'
        f'<action application="bridge" data="user/{n}@$${{domain}}"/>\n</condition>\n</extension>'
        for n in range(20_000)
    )
    folder = write_files(
        tmp_path, {"dialplan/x.xml": f'<context name="c">\n{extensions}\n</context>'}
    )
    start = time.perf_counter()
    configuration = load(folder, {"domain": "d.test"})
    assert time.perf_counter() - start < 10
    context = configuration.locate("dialplan", "context")
    assert context is not None
    assert len(context) == 20_000
    assert context.children[-1].line == 2 + 5 * 19_999
