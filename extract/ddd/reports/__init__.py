"""The report: a static site built with Evidence, one HTML file, and the mail with the statistics of a month.

`reports/sources` selects the data of all three, and `statements` says them in words; `reports/pages` are the
pages of the site, for which this package runs Node, `reports/html` is the template of the file.
"""

from ddd.reports.build import ReportResult, build, print_summary
from ddd.reports.content import Content, read_content
from ddd.reports.html_file import FileResult, write_html
from ddd.reports.mail import month_named, statistics_mail, write_text

__all__ = [
    "Content",
    "FileResult",
    "ReportResult",
    "build",
    "month_named",
    "print_summary",
    "read_content",
    "statistics_mail",
    "write_html",
    "write_text",
]
