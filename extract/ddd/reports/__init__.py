"""The static report site: Evidence, made to build from our own data and with no request to another host.

`reports/` holds the pages and the queries of their sources; this package runs Node on them.
"""

from ddd.reports.build import ReportResult, build, print_summary

__all__ = ["ReportResult", "build", "print_summary"]
