"""Makes Evidence's query engine work without a download.

As published, `@evidence-dev/universal-sql` keeps sources as Parquet, and DuckDB-WASM fetches its Parquet
reader from another host, at build time and at every visit; where that host cannot be reached the build
waits for ever. The edited functions insert Arrow streams instead, which needs no extension, and switch
the loading of extensions off, so that a query that needs one is an error and not a request.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ddd.errors import ReportError

PACKAGE = "@evidence-dev/universal-sql"
VERSION = "3.0.1"
_MARK = "/* edited by Data3 */"

_CREATE_VIEW = r"(?:await )?db\.registerFileURL\(.*?read_parquet\('\$\{file_name\}'\)\);`\s*\);"
_DROP_TABLE = 'connection.query(`DROP TABLE IF EXISTS "${source}"."${table}"`);'
_INSERT = "insertArrowFromIPCStream(bytes, { schema: source, name: table, create: true });"
_NO_EXTENSIONS = "'SET autoinstall_known_extensions = false; SET autoload_known_extensions = false;'"

_EDITS = {
    "src/client-duckdb/node.js": {
        r"^import path, ": "import { readFileSync } from 'fs';\nimport path, ",
        r"connection = db\.connect\(\);": "connection = db.connect();\n"
        f"\t\tconnection.query({_NO_EXTENSIONS});",
        _CREATE_VIEW: f"{_DROP_TABLE}\n"
        "\t\t\tconst bytes = readFileSync(url.split(pathDelimiterRegex).join(path.sep));\n"
        f"\t\t\tconnection.{_INSERT}",
    },
    "src/client-duckdb/browser.js": {
        r"connection = await db\.connect\(\);": "connection = await db.connect();\n"
        f"\t\tawait connection.query({_NO_EXTENSIONS});",
        _CREATE_VIEW: "const answer = await fetch(addBasePath(path));\n"
        "\t\t\t\tif (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);\n"
        "\t\t\t\tconst bytes = new Uint8Array(await answer.arrayBuffer());\n"
        f"\t\t\t\tawait {_DROP_TABLE}\n"
        f"\t\t\t\tawait connection.{_INSERT}",
    },
}
"""Per file: what is found there, exactly once, and what takes its place."""


def patch(node_modules: Path) -> bool:
    """Edit the installed package; does nothing where it is edited already.

    Args:
        node_modules: The folder that npm installed into.

    Returns:
        Whether anything was changed.

    Raises:
        ReportError: It is another version, or its text is not the published one. Nothing is written then.
    """
    package = node_modules / PACKAGE
    try:
        version = json.loads((package / "package.json").read_text())["version"]
        texts = {name: (package / name).read_text() for name in _EDITS}
    except (OSError, ValueError, KeyError):
        raise ReportError(
            f"{PACKAGE} is not in {node_modules}", "Delete that folder, then try again"
        ) from None
    if version != VERSION:
        raise ReportError(
            f"{PACKAGE} is version {version}, the patch is for {VERSION}",
            "Pin that version in reports/package-lock.json, or revise extract/ddd/reports/patch.py",
        )
    edited = {name: _edit(package / name, text) for name, text in texts.items() if not text.startswith(_MARK)}
    for name, text in edited.items():
        beside = package / f"{name}.new"
        beside.write_text(text)
        beside.replace(package / name)
    return bool(edited)


def _edit(path: Path, text: str) -> str:
    for pattern, replacement in _EDITS[str(path.relative_to(path.parents[2]))].items():
        parts = re.split(pattern, text, flags=re.DOTALL | re.MULTILINE)
        if len(parts) != 2:
            raise ReportError(f"{path} is not as published", "Delete reports/node_modules, then try again")
        text = replacement.join(parts)
    return f"{_MARK}\n{text}"
