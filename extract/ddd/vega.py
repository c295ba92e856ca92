"""The chart libraries for the browser: Vega, Vega-Lite and vega-embed, out of an installed Python package.

They are written once into the folder of static files, so that a page loads nothing from another host
and no Node is needed.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import vl_convert

from ddd.errors import DataError

VEGA_LITE_VERSION = "6.4"
"""The Vega-Lite that draws in the browser and that checks the charts in the tests."""

BUNDLE = Path("static/vendor/vega.js")
"""The bundle's place in the Datasette folder. It sets `vegaEmbed` on `window`."""

_SNIPPET = "window.vegaEmbed = vegaEmbed;"


def write_vega(www_dir: Path) -> bool:
    """Write the bundle where it is missing or comes from another version of the package.

    Args:
        www_dir: The Datasette folder.

    Returns:
        Whether it was written.

    Raises:
        DataError: The folder cannot be written.
    """
    path = www_dir / BUNDLE
    stamp = f"// Vega-Lite {VEGA_LITE_VERSION} (BSD-3-Clause), from vl-convert-python {_package_version()}\n"
    try:
        with path.open(encoding="utf-8") as bundle:
            if bundle.readline() == stamp:
                return False
    except OSError:
        pass
    script = vl_convert.javascript_bundle(_SNIPPET, vl_version=VEGA_LITE_VERSION)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(stamp + script, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror})", "Check the folder's permissions"
        ) from None
    return True


def _package_version() -> str:
    return version("vl-convert-python")
