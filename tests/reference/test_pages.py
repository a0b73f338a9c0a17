from __future__ import annotations

import re
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.config.errors import CODES
from softswitch.lint.check import load_owners
from softswitch.reference.pages import pages

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = (
    "reference/applications.md", "reference/commands.md", "reference/settings.md",
    "reference/variables.md", "reference/findings.md", "compatibility.md",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_owners()


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_page_is_what_make_docs_writes(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run scripts/make-docs"


def test_no_other_page_is_made() -> None:
    assert tuple(pages()) == NAMES
    assert {path.name for path in (DOCS / "reference").iterdir()} == {
        name.removeprefix("reference/") for name in NAMES if "/" in name
    }


def test_everything_registered_has_its_heading() -> None:
    made = pages()
    for name, known in (("applications", registry.application), ("commands", registry.command)):
        headings = re.findall(r"^## (.*)$", made[f"reference/{name}.md"], re.MULTILINE)
        assert headings == [entry.name for entry in known]
    assert all(f"| {code} |" in made["reference/findings.md"] for code in CODES)


def test_tables_have_as_many_cells_in_each_row() -> None:
    for text in pages().values():
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            cells = {len(re.split(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(cells) == 1, table.splitlines()[0]
