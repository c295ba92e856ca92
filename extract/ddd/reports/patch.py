"""Makes Evidence's query engine work without a download.

As published, `@evidence-dev/universal-sql` keeps sources as Parquet, and DuckDB-WASM fetches its Parquet
reader from another host, at build time and at every visit; where that host cannot be reached the build
waits for ever. The edited functions insert Arrow streams instead, which needs no extension, and switch
the loading of extensions off, so that a query that needs one is an error and not a request.

The pages' own frame starts that engine in every browser at once. It is edited to wait for the first query
that was not answered when the site was built, so that a page without choices downloads none of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ddd.errors import ReportError

VERSIONS = {"@evidence-dev/universal-sql": "3.0.1", "@evidence-dev/evidence": "40.1.8"}
"""The edited packages; any other version of them is refused."""
_MARK = "/* edited by Data3 */"

_CREATE_VIEW = r"(?:await )?db\.registerFileURL\(.*?read_parquet\('\$\{file_name\}'\)\);`\s*\);"
_DROP_TABLE = 'connection.query(`DROP TABLE IF EXISTS "${source}"."${table}"`);'
_INSERT = "insertArrowFromIPCStream(bytes, { schema: source, name: table, create: true });"
_NO_EXTENSIONS = "'SET autoinstall_known_extensions = false; SET autoload_known_extensions = false;'"

_LAZY = """let loading;
const database_initialization = {
\tthen: (resolve, reject) => (loading ??= profile(loadDB)).then(resolve, reject)
};"""

_EDITS: dict[str, dict[str, str]] = {
    "@evidence-dev/universal-sql/src/client-duckdb/node.js": {
        r"^import path, ": "import { readFileSync } from 'fs';\nimport path, ",
        r"connection = db\.connect\(\);": "connection = db.connect();\n"
        f"\t\tconnection.query({_NO_EXTENSIONS});",
        _CREATE_VIEW: f"{_DROP_TABLE}\n"
        "\t\t\tconst bytes = readFileSync(url.split(pathDelimiterRegex).join(path.sep));\n"
        f"\t\t\tconnection.{_INSERT}",
    },
    "@evidence-dev/universal-sql/src/client-duckdb/browser.js": {
        r"connection = await db\.connect\(\);": "connection = await db.connect();\n"
        f"\t\tawait connection.query({_NO_EXTENSIONS});",
        _CREATE_VIEW: "const answer = await fetch(addBasePath(path));\n"
        "\t\t\t\tif (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);\n"
        "\t\t\t\tconst bytes = new Uint8Array(await answer.arrayBuffer());\n"
        f"\t\t\t\tawait {_DROP_TABLE}\n"
        f"\t\t\t\tawait connection.{_INSERT}",
    },
    "@evidence-dev/evidence/template/src/pages/+layout.js": {
        r"^const database_initialization = profile\(loadDB\);$": _LAZY,
    },
}
"""Per file: what is found there, exactly once, and what takes its place."""


def patch(node_modules: Path) -> bool:
    """Edit the installed packages; does nothing where they are edited already.

    Args:
        node_modules: The folder that npm installed into.

    Returns:
        Whether anything was changed.

    Raises:
        ReportError: One is another version, or its text is not the published one. Nothing is written then.
    """
    for package, wanted in VERSIONS.items():
        try:
            version = json.loads((node_modules / package / "package.json").read_text())["version"]
        except (OSError, ValueError, KeyError):
            raise _missing(node_modules, package) from None
        if version != wanted:
            raise ReportError(
                f"{package} is version {version}, the patch is for {wanted}",
                "Pin that version in reports/package-lock.json, or revise extract/ddd/reports/patch.py",
            )
    edited = {}
    for name in _EDITS:
        try:
            text = (node_modules / name).read_text()
        except OSError:
            raise _missing(node_modules, name) from None
        if not text.startswith(_MARK):
            edited[name] = _edit(node_modules, name, text)
    for name, text in edited.items():
        beside = node_modules / f"{name}.new"
        beside.write_text(text)
        beside.replace(node_modules / name)
    return bool(edited)


def _missing(node_modules: Path, name: str) -> ReportError:
    return ReportError(f"{name} is not in {node_modules}", "Delete that folder, then try again")


def _edit(node_modules: Path, name: str, text: str) -> str:
    for pattern, replacement in _EDITS[name].items():
        parts = re.split(pattern, text, flags=re.DOTALL | re.MULTILINE)
        if len(parts) != 2:
            raise ReportError(
                f"{node_modules / name} is not as published", "Delete reports/node_modules, then try again"
            )
        text = replacement.join(parts)
    return f"{_MARK}\n{text}"
