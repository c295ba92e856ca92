"""Programs, packages and sites that stand in for the real ones: the wrapper is tested without Node."""

import json
from pathlib import Path

from ddd.reports import site
from ddd.reports.patch import PACKAGE, VERSION

# In the shape of the published files, but our own words.
NODE_CLIENT = """import path, { x } from 'path';
function open() { connection = db.connect(); }
function register() {
    db.registerFileURL(file_name, url, protocol, false);
    connection.query(`CREATE VIEW AS (SELECT * FROM read_parquet('${file_name}'));`
    );
}
"""
BROWSER_CLIENT = """async function open() { connection = await db.connect(); }
async function register() {
    await db.registerFileURL(file_name, url, protocol, false);
    await connection.query(`CREATE VIEW AS (SELECT * FROM read_parquet('${file_name}'));`
    );
}
"""


def write_package(node_modules: Path, version: str = VERSION, browser: str = BROWSER_CLIENT) -> Path:
    package = node_modules / PACKAGE
    (package / "src" / "client-duckdb").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))
    (package / "src" / "client-duckdb" / "node.js").write_text(NODE_CLIENT)
    (package / "src" / "client-duckdb" / "browser.js").write_text(browser)
    return package


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def write_site(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    (folder / site.MARKER).write_text("{}")
    return folder
