"""The settings of ``cdr_csv.conf xml_cdr.conf json_cdr.conf format_cdr.conf cdr_sqlite.conf``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator

LEGS = ("a", "b", "ab")
EXAMPLE = ",".join(
    f'"${{{name}}}"'
    for name in """caller_id_name caller_id_number destination_number context start_stamp
    answer_stamp end_stamp duration billsec hangup_cause uuid bleg_uuid accountcode read_codec
    write_codec""".split()
)
"""The template ``example`` where the configuration has none."""


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """``cdr_csv.conf``: lines of text in files."""

    log_base: str = param("log-base", "", help="folder; cdr-csv is added to it; log_dir if empty")
    default_template: str = param("default-template", "example", help="template of Master.csv")
    legs: str = param("legs", "ab", choices=LEGS, help="whose legs are recorded")
    rotate_on_hup: bool = param("rotate-on-hup", False, help="begin new files at SIGHUP")
    master_file_only: bool = param(
        "master-file-only", False, help="no file for each accountcode beside Master.csv"
    )
    accepted: ClassVar[tuple[str, ...]] = ("debug",)


@dataclass(frozen=True, slots=True)
class SqliteSettings:
    """``cdr_sqlite.conf``: rows of a table."""

    db_name: str = param("db-name", "cdr", help="file in the data folder, without .db, or a path")
    db_table: str = param("db-table", "cdr", help="the table; it is made where it is not there")
    legs: str = param("legs", "ab", choices=LEGS, help="whose legs are recorded")
    default_template: str = param(
        "default-template", "example", help="the template whose variables are the columns"
    )
    accepted: ClassVar[tuple[str, ...]] = ("debug",)


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """``xml_cdr.conf``, ``json_cdr.conf``, and a profile of ``format_cdr.conf``: documents to files
    and servers.
    """

    format: str = param("format", "xml", choices=("xml", "json"), help="form of the documents")
    urls: tuple[str, ...] = param("url", (), help="where to post; the next one if one fails")
    credentials: str = param("cred", "", help="user:password for the server")
    auth_scheme: str = param(
        "auth-scheme",
        "basic",
        help="how they are told: basic, digest, any; `=` in front is allowed",
    )
    retries: int = param("retries", 0, minimum=0, help="further attempts before the spool file")
    delay: float = param("delay", 5.0, unit=Unit.SECONDS, help="between attempts")
    timeout: float = param("timeout", 10.0, unit=Unit.SECONDS, help="how long an answer may take")
    on_disk_too: bool = param("log-http-and-disk", False, help="files although servers have it")
    log_dir: str | None = param("log-dir", None, help="folder of the files; no files if absent")
    error_dir: str = param("err-log-dir", "", help="folder of what servers have not taken; log-dir")
    rotate: bool = param(
        "rotate", False, help="a folder in log-dir named by the time of the start, or of a SIGHUP"
    )
    b_leg: bool = param("log-b-leg", False, help="records of called legs too")
    prefix: bool = param("prefix-a-leg", False, help="a_ before the names of callers' files")
    encode: str = param(
        "encode",
        "true",
        help="how posts are written: true, false, base64, textxml, appljson; in json_cdr.conf "
        "false is the plain document",
    )
    encode_values: bool = param("encode-values", True, help="URL-encode the values in JSON")
    verify_peer: bool = param("enable-cacert-check", True, help="check the server's certificate")
    verify_host: bool = param("enable-ssl-verifyhost", True, help="check its name in it")
    ca_file: str = param("ssl-cacert-file", "", help="certificates of authorities, PEM")
    certificate: str = param("ssl-cert-path", "", help="our certificate, PEM")
    key: str = param("ssl-key-path", "", help="its key, PEM")
    key_password: str = param("ssl-key-password", "", help="password of the key")
    accepted: ClassVar[tuple[str, ...]] = tuple(
        """disable-100-continue ssl-version cookie-file log-file log-errors-to-disk
        queue-capacity""".split()
    )


def read_csv(configuration: Configuration) -> tuple[CsvSettings, list[Finding]]:
    """The settings of ``cdr_csv.conf``."""
    element = configuration.configuration("cdr_csv.conf")
    return read_params(element.find("settings") if element else None, CsvSettings)


def read_sqlite(configuration: Configuration) -> tuple[SqliteSettings, list[Finding]]:
    """The settings of ``cdr_sqlite.conf``."""
    element = configuration.configuration("cdr_sqlite.conf")
    return read_params(element.find("settings") if element else None, SqliteSettings)


def read_xml(configuration: Configuration) -> tuple[DocumentSettings, list[Finding]]:
    """The settings of ``xml_cdr.conf``."""
    element = configuration.configuration("xml_cdr.conf")
    return read_params(element.find("settings") if element else None, DocumentSettings)


def read_json(configuration: Configuration) -> tuple[DocumentSettings, list[Finding]]:
    """The settings of ``json_cdr.conf``."""
    element = configuration.configuration("json_cdr.conf")
    settings, findings = read_params(
        element.find("settings") if element else None, DocumentSettings
    )
    encode = "appljson" if settings.encode.lower() in ("false", "no") else settings.encode
    return replace(settings, format="json", encode=encode), findings


def read_formats(
    configuration: Configuration,
) -> tuple[Mapping[str, DocumentSettings], list[Finding]]:
    """The settings of each profile of ``format_cdr.conf``."""
    element = configuration.configuration("format_cdr.conf")
    profiles = element.find("profiles") if element else None
    found: dict[str, DocumentSettings] = {}
    findings: list[Finding] = []
    for profile in profiles.findall("profile") if profiles else ():
        settings, problems = read_params(profile.find("settings"), DocumentSettings)
        found[profile.get("name", "default")] = settings
        findings += problems
    return found, findings


def templates(configuration: Configuration, name: str) -> dict[str, str]:
    """The ``<template>`` elements of a configuration, and ``example``."""
    element = configuration.configuration(name)
    found = element.find("templates") if element else None
    named = {
        template.get("name", ""): template.text.strip()
        for template in (found.findall("template") if found else ())
    }
    return {"example": EXAMPLE, **named}


def _problems(configuration: Configuration) -> list[Finding]:
    readers = (read_csv, read_sqlite, read_xml, read_json, read_formats)
    return [finding for read in readers for finding in read(configuration)[1]]


register_validator("configuration", _problems)
