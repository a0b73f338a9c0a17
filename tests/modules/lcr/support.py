"""A database of three carriers, in FreeSWITCH's tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

TABLES = """
CREATE TABLE carriers (id INTEGER PRIMARY KEY, carrier_name VARCHAR(255) NOT NULL,
  enabled BOOLEAN NOT NULL DEFAULT true);
CREATE TABLE carrier_gateway (id INTEGER PRIMARY KEY, carrier_id INTEGER,
  prefix VARCHAR(128) NOT NULL DEFAULT '', suffix VARCHAR(128) NOT NULL DEFAULT '',
  codec VARCHAR(128) NOT NULL DEFAULT '', enabled BOOLEAN NOT NULL DEFAULT true);
CREATE TABLE lcr (id INTEGER PRIMARY KEY, digits NUMERIC(20, 0), rate NUMERIC(11,5),
  intrastate_rate NUMERIC(11,5), intralata_rate NUMERIC(11,5), carrier_id INTEGER NOT NULL,
  lead_strip INTEGER NOT NULL DEFAULT 0, trail_strip INTEGER NOT NULL DEFAULT 0,
  prefix VARCHAR(16) NOT NULL DEFAULT '', suffix VARCHAR(16) NOT NULL DEFAULT '',
  lcr_profile INTEGER NOT NULL DEFAULT 0,
  date_start TIMESTAMP NOT NULL DEFAULT '1970-01-01',
  date_end TIMESTAMP NOT NULL DEFAULT '2999-12-31', quality NUMERIC(10,6) NOT NULL DEFAULT 0,
  reliability NUMERIC(10,6) NOT NULL DEFAULT 0, cid VARCHAR(32) NOT NULL DEFAULT '',
  enabled BOOLEAN NOT NULL DEFAULT true, lrn BOOLEAN NOT NULL DEFAULT false);
CREATE TABLE npa_nxx_company_ocn (npa INTEGER, nxx INTEGER, state TEXT, lata INTEGER);
"""
ROWS = """
INSERT INTO carriers (id, carrier_name, enabled) VALUES
  (1, 'dear', true), (2, 'cheap', true), (3, 'middle', true), (4, 'gone', false);
INSERT INTO carrier_gateway (id, carrier_id, prefix, suffix, codec) VALUES
  (1, 1, 'test/dear/', '', ''), (2, 2, 'test/cheap/', '@c', 'PCMU'),
  (3, 3, 'test/middle/', '', ''), (4, 4, 'test/gone/', '', '');
INSERT INTO lcr (id, digits, rate, carrier_id, lead_strip, prefix, cid, quality) VALUES
  (1, 49, 0.5, 1, 0, '', '', 9), (2, 49, 0.1, 2, 2, '00', '/^\\+?(.*)$/49$1/', 1),
  (3, 49, 0.25, 3, 0, '', '', 5), (4, 49, 0.01, 4, 0, '', '', 9), (5, 4930, 0.9, 1, 0, '', '', 9),
  (6, 1212, NULL, 1, 0, '', '', 0);
INSERT INTO lcr (id, digits, rate, intrastate_rate, intralata_rate, carrier_id) VALUES
  (7, 1212, 0.03, 0.02, 0.01, 2), (8, 1212, 0.01, 0.03, 0.04, 3);
INSERT INTO lcr (id, digits, rate, carrier_id, lrn) VALUES (9, 1999, 0.001, 1, true);
INSERT INTO lcr (id, digits, rate, carrier_id, date_end) VALUES (10, 33, 1, 1, '2001-01-01');
INSERT INTO npa_nxx_company_ocn VALUES (212, 555, 'NY', 132), (646, 555, 'NY', 999),
  (917, 555, 'NY', 132), (201, 555, 'NJ', 224);
"""


def make_database(path: Path) -> None:
    """All of it as a file of SQLite."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(TABLES + ROWS)
    connection.close()


def configuration(*profiles: str, dsn: str = "sqlite://rates.db") -> str:
    """``lcr.conf`` with profiles such as ``<profile name="x">…``."""
    return (
        f'<configuration name="lcr.conf"><settings><param name="odbc-dsn" value="{dsn}"/>'
        f"</settings><profiles>{''.join(profiles)}</profiles></configuration>"
    )


def profile(name: str, **params: str) -> str:
    """One profile."""
    lines = "".join(f'<param name="{key}" value="{value}"/>' for key, value in params.items())
    return f'<profile name="{name}">{lines}</profile>'
