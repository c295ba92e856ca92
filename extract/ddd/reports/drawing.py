"""Charts as SVG that needs nothing: drawn by Vega-Lite, coloured by the style sheet of their page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import vl_convert
from markupsafe import Markup, escape

from ddd.vega import VEGA_LITE_VERSION

WIDTH, HEIGHT = 470, 190
TOKENS = (
    *("ink", "quiet", "line", "grid", "count", "trend", "band", "unusual"),
    *("p50", "p85", "p95", "calm", "blocked", "rollback", "series-1", "series-2", "series-3", "series-4"),
)
"""Colours by what they mean; the style sheet of the page says which they are, in light and in dark."""
_COLOURS = {token: f"#0{number:02x}0fe" for number, token in enumerate(TOKENS, 1)}
"""Vega wants colours, so each token is drawn in one that nothing else has and then replaced."""

_CONFIG = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12.5,
        "titleFontSize": 12.5,
        "titleFontWeight": "normal",
        "labelColor": _COLOURS["quiet"],
        "titleColor": _COLOURS["quiet"],
        "domainColor": _COLOURS["line"],
        "tickColor": _COLOURS["line"],
        "gridColor": _COLOURS["grid"],
    },
    "axisX": {"grid": False, "labelOverlap": True},
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleX": 0,
        "titleY": -10,
    },
    "legend": {
        "orient": "top",
        "offset": 24,
        "labelFontSize": 12.5,
        "titleFontSize": 12.5,
        "labelColor": _COLOURS["ink"],
        "symbolType": "square",
        "title": None,
    },
    "header": {"labelFontSize": 12.5, "labelColor": _COLOURS["ink"], "labelFontWeight": "bold"},
}


@dataclass(frozen=True)
class Chart:
    """A chart, with what it shows for those who do not see it.

    Attributes:
        title: Its heading.
        alternative: One sentence on what is seen.
        spec: Vega-Lite without data, colours by `colour`.
        columns: Column names of the data, and their headings in the table beside it.
        rows: The data.
    """

    title: str
    alternative: str
    spec: dict[str, Any]
    columns: dict[str, str]
    rows: Sequence[dict[str, Any]]

    def svg(self) -> Markup:
        """The drawing, without size: it takes the width that there is."""
        spec = {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "width": WIDTH,
            "height": HEIGHT,
            "autosize": {"type": "fit-x", "contains": "padding"},
            "padding": 4,
            "config": _CONFIG,
            "data": {"values": [{key: _plain(value) for key, value in row.items()} for row in self.rows]},
            **self.spec,
        }
        drawn = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE_VERSION)
        for token, colour in _COLOURS.items():
            drawn = drawn.replace(colour, f"var(--{token})")
        drawn = re.sub(r"<[^>]*>", _slimmed, drawn)
        drawn = re.sub(r'<text [^>]*opacity="0"[^>]*>[^<]*</text>|<path d="(M0,0h0v0h0Z)?"[^>]*/>', "", drawn)
        label = f'<svg role="img" aria-label="{escape(self.alternative)}"'
        return Markup(label + drawn.removeprefix("<svg"))  # noqa: S704 - Vega escapes texts in what it draws


def _slimmed(tag: re.Match[str]) -> str:
    """A tag without what the style sheet says, and with two decimals."""
    # Vega's own labels would be read out mark by mark; the alternative says it at once.
    unwanted = r"aria-[a-z]+|role|class|xmlns:xlink|version|pointer-events|font-family|stroke-miterlimit"
    text = re.sub(rf' ({unwanted})="[^"]*"', "", tag[0])
    if text.startswith("<svg"):
        text = re.sub(r' (width|height)="[^"]*"', "", text)
    return re.sub(r"(\.\d\d)\d+", r"\1", text).replace(' opacity="1"', "")


def colour(token: str) -> str:
    """The stand-in of a token's colour in a specification."""
    return _COLOURS[token]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
