from __future__ import annotations

import time
from pathlib import Path

import pytest

from softswitch.directory.lookup import Directory
from tests.config.files import load_files

DIRECTORY = """
<domain name="D.test">
  <params><param name="dial-string" value="of domain"/><param name="p" value="d"/></params>
  <variables><variable name="v" value="d"/><variable name="w" value="d"/></variables>
  <profile-variables><variable name="pv" value="d"/></profile-variables>
  <groups>
    <group name="staff">
      <params><param name="p" value="g"/></params>
      <variables><variable name="w" value="g"/><variable name="x" value="g"/></variables>
      <users>
        <user id="501" number-alias="77" ip="192.0.2.9">
          <params><param name="Password" value="x"/></params>
          <variables><variable name="x" value="u"/></variables>
        </user>
        <user id="502"/>
        <user id="ghost" type="pointer"/>
      </users>
    </group>
    <group name="Sales">
      <users>
        <user id="501" type="pointer"/>
        <user id="503"/>
        <user id="502"><params><param name="password" value="never"/></params></user>
      </users>
    </group>
    <group name="empty"/>
  </groups>
  <users><user id="600"/></users>
  <user id="700"/>
  <user/>
</domain>
<domain name="other.test"><users><user id="501"/></users></domain>
<domain name="d.TEST"><users><user id="900"/></users></domain>
<domain name=""/>
"""


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory.from_configuration(load_files(tmp_path, {"directory/d.xml": DIRECTORY}))


def test_a_domain_is_found_by_its_exact_name_without_case(directory: Directory) -> None:
    assert [domain.name for domain in directory] == ["D.test", "other.test"]
    assert directory.domain("d.TEST") is directory.domain("D.test")
    assert directory.domain("test") is None
    assert len(directory) == 2
    assert repr(directory) == "<Directory: 2 domains, 7 users>"


def test_a_user_is_found_by_id_by_alias_and_by_address(directory: Directory) -> None:
    user = directory.user("501", "d.test")
    assert user is not None
    assert user.password == "x"
    assert directory.user("77", "d.test") is user
    assert directory.user_at("192.0.2.9", "d.test") is user
    assert directory.user("501", "other.test") is not user
    assert directory.user("599", "d.test") is None
    assert directory.user("501", "none.test") is None
    assert directory.user_at("192.0.2.8", "d.test") is None


def test_users_are_found_outside_of_groups(directory: Directory) -> None:
    for name in ("600", "700"):
        user = directory.user(name, "d.test")
        assert user is not None
        assert user.group == ""
        assert user.param("p") == "d"


def test_a_users_own_values_come_before_its_groups_before_its_domains(
    directory: Directory,
) -> None:
    user = directory.user("501", "d.test")
    assert user is not None
    assert user.group == "staff"
    assert user.params == {"Password": "x", "p": "g", "dial-string": "of domain"}
    assert user.variables == {"x": "u", "w": "g", "v": "d"}
    assert user.profile_variables == {"pv": "d"}


def test_a_group_and_a_domain_show_their_own_parameters(directory: Directory) -> None:
    group, domain = directory.group("staff", "d.test"), directory.domain("d.test")
    assert group is not None
    assert domain is not None
    assert (group.param("P"), group.param("dial-string", "-")) == ("g", "-")
    assert (domain.param("P"), domain.param("Dial-String")) == ("d", "of domain")


def test_the_first_user_of_an_id_counts(directory: Directory) -> None:
    user = directory.user("502", "d.test")
    assert user is not None
    assert (user.group, user.password) == ("staff", "")


def test_a_pointer_stands_for_its_user(directory: Directory) -> None:
    sales = directory.group("sales", "D.TEST")
    assert sales is not None
    assert [str(member) for member in sales.members] == ["501@D.test", "503@D.test", "502@D.test"]
    assert sales.members[0] is directory.user("501", "d.test")
    assert directory.in_group("501", "sales", "d.test")
    assert directory.in_group("77", "SALES", "d.test")
    assert not directory.in_group("600", "sales", "d.test")
    assert not directory.in_group("501", "none", "d.test")
    assert not directory.in_group("999", "sales", "d.test")


def test_a_pointer_before_its_user_finds_the_user(tmp_path: Path) -> None:
    text = (
        '<domain name="d"><groups><group name="a"><users><user id="1" type="pointer"/></users>'
        '</group></groups><users><user id="1" number-alias="7"/></users></domain>'
    )
    directory = Directory.from_configuration(load_files(tmp_path, {"directory/d.xml": text}))
    user = directory.user("1", "d")
    assert user is not None
    assert not user.is_pointer
    assert directory.user("7", "d") is user
    assert directory.in_group("1", "a", "d")


def test_a_pointer_to_nobody_is_a_user_with_its_groups_values(directory: Directory) -> None:
    ghost = directory.user("ghost", "d.test")
    assert ghost is not None
    assert ghost.is_pointer
    assert ghost.param("p") == "g"


def test_an_empty_group_is_a_group(directory: Directory) -> None:
    group = directory.group("empty", "d.test")
    assert group is not None
    assert group.members == ()
    assert directory.group("none", "d.test") is None
    assert directory.group("empty", "none.test") is None


def test_an_alias_never_hides_an_earlier_id(tmp_path: Path) -> None:
    text = (
        '<domain name="d"><users><user id="1"/><user id="2" number-alias="1"/>'
        '<user id="3" number-alias="4"/><user id="4"/></users></domain>'
    )
    directory = Directory.from_configuration(load_files(tmp_path, {"directory/d.xml": text}))
    found = {name: directory.user(name, "d") for name in "1234"}
    assert {name: user.id for name, user in found.items() if user} == {
        "1": "1", "2": "2", "3": "3", "4": "3"
    }  # fmt: skip


def test_a_configuration_without_directory_has_an_empty_one(tmp_path: Path) -> None:
    configuration = load_files(tmp_path, {"softswitch.xml": "<document/>"})
    directory = Directory.from_configuration(configuration)
    assert directory
    assert list(directory) == []
    assert directory.user("1", "d") is None


@pytest.mark.slow
def test_ten_thousand_users_are_built_and_found_quickly(tmp_path: Path) -> None:
    users = "\n".join(
        f'<user id="{n}"><params><param name="password" value="p{n}"/></params></user>'
        for n in range(10_000)
    )
    text = f'<domain name="d"><users>{users}</users></domain>'
    configuration = load_files(tmp_path, {"directory/d.xml": text})
    start = time.perf_counter()
    directory = Directory.from_configuration(configuration)
    assert time.perf_counter() - start < 5
    start = time.perf_counter()
    for n in range(10_000):
        user = directory.user(str(n), "d")
        assert user is not None
        assert user.password == f"p{n}"
    assert time.perf_counter() - start < 1
