from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.modules.cdr.pg_settings import DEFAULT, Field, read_pg
from tests.modules.cdr.support import configuration
from tests.modules.cdr.test_settings import read

SCHEMA = """<schema>
  <field var="uuid"/>
  <field var="billsec" quote="false"/>
  <field var="hangup_cause" column="cause" not-null="true"/>
</schema>"""


def test_freeswitchs_file_works_as_it_is(tmp_path: Path) -> None:
    text = configuration(
        "cdr_pg_csv.conf",
        SCHEMA,
        db_info="host=localhost dbname=cdr connect_timeout=10",
        legs="a",
        spool_format="csv",
        rotate_on_hup="true",
    )
    settings, fields, findings = read_pg(read(tmp_path, text).current)
    assert findings == []
    assert settings.rotate_on_hup
    assert fields == [
        Field("uuid"),
        Field("billsec", "billsec", quote=False),
        Field("hangup_cause", "cause", not_null=True),
    ]


def test_without_a_schema_the_columns_are_those_of_the_example_template(tmp_path: Path) -> None:
    _, fields, _ = read_pg(read(tmp_path, "").current)
    assert fields == DEFAULT
    assert [field.column for field in fields if not field.quote] == ["duration", "billsec"]
    assert fields[0] == Field("caller_id_name") and Field("uuid") in fields


@pytest.mark.parametrize(
    ("inside", "param", "message"),
    [
        ('<schema><field column="a"/></schema>', "", "this field names no variable"),
        ('<schema><field var="a"/><field var="b" column="a"/></schema>', "", "a is named twice"),
        ("", "mariadb://x", "db-info: this is no PostgreSQL"),
    ],
)
def test_mistakes_have_their_place(tmp_path: Path, inside: str, param: str, message: str) -> None:
    with pytest.raises(ConfigurationErrors) as refused:
        read(tmp_path, configuration("cdr_pg_csv.conf", inside, db_info=param))
    assert [message in finding.message for finding in refused.value.findings] == [True]
