"""Dashboards are YAML files: queries, and panels that show what a query gives.

A file `www/dashboards/<slug>.yaml` is a page `/-/ddd/<slug>`; each of its queries becomes a canned query
`<slug>_<name>` of Datasette, so that pages work with open SQL off. Titles, questions and definitions come
from the published catalog; see `CONTRIBUTING.md` for the recipe.
"""

from ddd.dashboards.page import (
    CHOICES,
    FILTERS,
    PARAMETERS,
    Chart,
    Dashboard,
    Figures,
    Input,
    Panel,
    Subject,
    Tab,
    Table,
)
from ddd.dashboards.reading import load_dashboard, load_dashboards

__all__ = [
    "CHOICES",
    "FILTERS",
    "PARAMETERS",
    "Chart",
    "Dashboard",
    "Figures",
    "Input",
    "Panel",
    "Subject",
    "Tab",
    "Table",
    "load_dashboard",
    "load_dashboards",
]
