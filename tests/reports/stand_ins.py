"""Programs, packages and sites that stand in for the real ones: the wrapper is tested without Node."""

import json
from pathlib import Path

from ddd.reports import site
from ddd.reports.patch import VERSIONS

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
LAYOUT = """const loadDB = async () => {};
const database_initialization = profile(loadDB);
export const load = async () => { await database_initialization; };
"""
ENGINE, FRAME = VERSIONS


def write_packages(
    node_modules: Path, versions: dict[str, str] = VERSIONS, browser: str = BROWSER_CLIENT
) -> None:
    """The packages that are patched, as far as they are."""
    texts = {
        f"{ENGINE}/src/client-duckdb/node.js": NODE_CLIENT,
        f"{ENGINE}/src/client-duckdb/browser.js": browser,
        f"{FRAME}/template/src/pages/+layout.js": LAYOUT,
        **{f"{name}/package.json": json.dumps({"version": version}) for name, version in versions.items()},
    }
    for name, text in texts.items():
        (node_modules / name).parent.mkdir(parents=True, exist_ok=True)
        (node_modules / name).write_text(text)


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
