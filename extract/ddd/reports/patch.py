"""Makes Evidence's query engine work without a download.

As published, `@evidence-dev/universal-sql` keeps sources as Parquet, and DuckDB-WASM fetches its Parquet
reader from another host, at build time and at every visit; where that host cannot be reached the build
waits for ever. The edited functions insert Arrow streams instead, which needs no extension, and switch
the loading of extensions off, so that a query that needs one is an error and not a request.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ddd.errors import ReportError

PACKAGE = "@evidence-dev/universal-sql"
VERSION = "3.0.1"
_MARK = "/* data3 */"


@dataclass(frozen=True)
class _Edit:
    """One place in one file: what is found there, once, and what takes its place."""

    file: str
    pattern: str
    replacement: str


_CREATE_VIEW = r"(?:await )?db\.registerFileURL\(.*?read_parquet\('\$\{file_name\}'\)\);`\s*\);"
_CONNECT = r"connection = (?:await )?db\.connect\(\);"
_NO_EXTENSIONS = "'SET autoinstall_known_extensions = false; SET autoload_known_extensions = false;'"

_EDITS = (
    _Edit(
        "src/client-duckdb/node.js",
        r"^import path, ",
        f"import {{ readFileSync }} from 'fs'; {_MARK}\nimport path, ",
    ),
    _Edit(
        "src/client-duckdb/node.js", _CONNECT, f"connection = db.connect(); {_MARK}\n"
        f"\t\tconnection.query({_NO_EXTENSIONS});"
    ),
    _Edit(
        "src/client-duckdb/node.js",
        _CREATE_VIEW,
        f'connection.query(`DROP TABLE IF EXISTS "${{source}}"."${{table}}"`); {_MARK}\n'
        "\t\t\tconnection.insertArrowFromIPCStream(readFileSync(url.split(pathDelimiterRegex).join(path.sep)),"
        " { schema: source, name: table, create: true });",
    ),
    _Edit(
        "src/client-duckdb/browser.js", _CONNECT, f"connection = await db.connect(); {_MARK}\n"
        f"\t\tawait connection.query({_NO_EXTENSIONS});"
    ),
    _Edit(
        "src/client-duckdb/browser.js",
        _CREATE_VIEW,
        f"const answer = await fetch(addBasePath(path)); {_MARK}\n"
        "\t\t\t\tif (!answer.ok) throw new Error(`${answer.status} for ${path}`);\n"
        '\t\t\t\tawait connection.query(`DROP TABLE IF EXISTS "${source}"."${table}"`);\n'
        "\t\t\t\tawait connection.insertArrowFromIPCStream(new Uint8Array(await answer.arrayBuffer()),"
        " { schema: source, name: table, create: true });",
    ),
)  # fmt: skip


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
    remedy = f"Pin {PACKAGE} {VERSION} in reports/package-lock.json, or revise ddd/reports/patch.py for it"
    try:
        version = json.loads((package / "package.json").read_text())["version"]
    except (OSError, ValueError, KeyError):
        raise ReportError(f"{PACKAGE} is not installed in {node_modules}", "Delete that folder, then try again") from None
    if version != VERSION:
        raise ReportError(f"{PACKAGE} is version {version}, the patch is for {VERSION}", remedy)
    texts = {name: (package / name).read_text() for name in {edit.file for edit in _EDITS}}
    wanted = {name: sum(edit.file == name for edit in _EDITS) for name in texts}
    if all(text.count(_MARK) == wanted[name] for name, text in texts.items()):
        return False
    for edit in _EDITS:
        text, count = re.subn(
            edit.pattern, lambda _, edit=edit: edit.replacement, texts[edit.file], flags=re.DOTALL | re.MULTILINE
        )  # fmt: skip
        if count != 1 or texts[edit.file].count(_MARK) >= wanted[edit.file]:
            raise ReportError(f"{package / edit.file} is not as published", "Delete reports/node_modules, then try again")
        texts[edit.file] = text
    for name, text in texts.items():
        beside = package / f"{name}.new"
        beside.write_text(text)
        beside.replace(package / name)
    return True
