"""The modules that keep call records, one for each place they may go to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.dsn import connection_text
from softswitch.modules.cdr import commands
from softswitch.modules.cdr.csv_file import CsvFiles
from softswitch.modules.cdr.documents import Documents
from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.pg_settings import PgSettings, read_pg
from softswitch.modules.cdr.recorder import Recorder
from softswitch.modules.cdr.settings import (
    CsvSettings,
    DocumentSettings,
    SqliteSettings,
    read_csv,
    read_formats,
    read_json,
    read_sqlite,
    read_xml,
    templates,
)
from softswitch.modules.cdr.sql import SqliteTable
from softswitch.modules.cdr.template import Template
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.modules.cdr.pg_table import PgTable
    from softswitch.switch.switch import Switch


class CallRecords:
    """What the modules have in common: recorders that start and stop together."""

    def __init__(self) -> None:
        self.recorders: list[Recorder] = []

    def make(self, switch: Switch) -> list[Recorder]:
        """The recorders that the configuration asks for."""
        raise NotImplementedError

    async def start(self, switch: Switch) -> None:
        """Read the journals and begin. Raises OSError or ValueError where that cannot be."""
        for recorder in self.make(switch):
            await recorder.start()
            self.recorders.append(recorder)

    async def stop(self) -> None:
        """Deliver what can be; the journals keep the rest."""
        recorders, self.recorders = self.recorders, []
        for recorder in recorders:
            await recorder.stop()


@module(commands.MODULE.name, settings=CsvSettings)
class CdrCsv(CallRecords):
    """Writes a line for each call into CSV files."""

    def __init__(self) -> None:
        super().__init__()
        self.files: CsvFiles | None = None
        self._switch: Switch | None = None

    def make(self, switch: Switch) -> list[Recorder]:
        """One recorder of the files of ``cdr_csv.conf``."""
        configuration = switch.generation.configuration
        settings, _ = read_csv(configuration)
        self._switch = switch
        self.files = CsvFiles(switch, settings, templates(configuration, "cdr_csv.conf"))
        return [Recorder(switch, "cdr_csv", self.files)]

    async def hup(self) -> None:
        """SIGHUP: begin new files where ``rotate-on-hup`` says so."""
        if self._switch is not None:
            settings, _ = read_csv(self._switch.generation.configuration)
            if settings.rotate_on_hup:
                await self.rotate()

    async def rotate(self) -> None:
        """Begin new files. Raises OSError."""
        if self._switch is not None and self.files is not None:
            await self._switch.loop.run_in_executor(None, self.files.rotate)


class CdrDocuments(CallRecords):
    """What the modules of documents have in common."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[Documents] = []

    def keep(self, switch: Switch, name: str, kind: str, settings: DocumentSettings) -> Recorder:
        """A recorder of documents; ``kind`` names their folder where the settings name none."""
        documents = Documents(switch, kind, settings)
        self.documents.append(documents)
        return Recorder(switch, name, documents)

    async def hup(self) -> None:
        """SIGHUP: begin new folders where ``rotate`` says so."""
        for documents in self.documents:
            documents.rotate()


@module("mod_xml_cdr", settings=DocumentSettings)
class CdrXml(CdrDocuments):
    """Writes or posts an XML document for each call."""

    def make(self, switch: Switch) -> list[Recorder]:
        """One recorder for ``xml_cdr.conf``."""
        settings, _ = read_xml(switch.generation.configuration)
        return [self.keep(switch, "xml_cdr", "xml_cdr", settings)]


@module("mod_json_cdr", settings=DocumentSettings)
class CdrJson(CdrDocuments):
    """Writes or posts a JSON document for each call."""

    def make(self, switch: Switch) -> list[Recorder]:
        """One recorder for ``json_cdr.conf``."""
        configuration = switch.generation.configuration
        if configuration.configuration("json_cdr.conf") is None:
            raise ValueError("there is no json_cdr.conf")
        settings, _ = read_json(configuration)
        return [self.keep(switch, "json_cdr", "json_cdr", settings)]


@module("mod_format_cdr", settings=DocumentSettings)
class CdrFormats(CdrDocuments):
    """Writes or posts XML or JSON documents for each call, by the profiles of format_cdr.conf."""

    def make(self, switch: Switch) -> list[Recorder]:
        """A recorder for each profile of ``format_cdr.conf``."""
        profiles, _ = read_formats(switch.generation.configuration)
        return [
            self.keep(switch, f"format_cdr_{name}", "format_cdr", settings)
            for name, settings in profiles.items()
        ]


@module("mod_cdr_sqlite", settings=SqliteSettings)
class CdrSqlite(CallRecords):
    """Inserts a row for each call into an SQLite table."""

    def make(self, switch: Switch) -> list[Recorder]:
        """One recorder of the table of ``cdr_sqlite.conf``."""
        configuration = switch.generation.configuration
        settings, _ = read_sqlite(configuration)
        texts = templates(configuration, "cdr_sqlite.conf")
        if settings.default_template not in texts:
            raise ValueError(f"cdr_sqlite.conf has no template {settings.default_template!r}")
        names = Template(texts[settings.default_template]).names
        path = Path(switch.folders.data, f"{settings.db_name}.db")
        table = SqliteTable(switch, path, settings.db_table, names, Legs(settings.legs))
        return [Recorder(switch, "cdr_sqlite", table)]


@module("mod_cdr_pg_csv", settings=PgSettings)
class CdrPostgres(CallRecords):
    """Inserts a row for each call into a PostgreSQL table."""

    def __init__(self) -> None:
        super().__init__()
        self.table: PgTable | None = None
        self._switch: Switch | None = None

    def make(self, switch: Switch) -> list[Recorder]:
        """One recorder of the table of ``cdr_pg_csv.conf``."""
        settings, fields, _ = read_pg(switch.generation.configuration)
        conninfo = connection_text(settings.db_info or switch.databases.dsn)
        if not conninfo:
            raise ValueError("cdr_pg_csv.conf has no db-info, and switch.conf no core-db-dsn")
        try:
            from softswitch.modules.cdr.pg_table import PgTable
        except ImportError:
            raise ValueError("psycopg is missing: pip install softswitch[postgres]") from None
        folder = Path(switch.globals.get("log_dir") or switch.folders.data / "log", "cdr-pg-csv")
        self._switch = switch
        self.table = PgTable(conninfo, settings, fields, Path(settings.spool_dir or folder))
        return [Recorder(switch, "cdr_pg_csv", self.table)]

    async def hup(self) -> None:
        """SIGHUP: begin a new spool file where ``rotate-on-hup`` says so."""
        if self._switch is not None and self.table is not None:
            settings, _, _ = read_pg(self._switch.generation.configuration)
            if settings.rotate_on_hup:
                await self._switch.loop.run_in_executor(None, self.table.rotate)
