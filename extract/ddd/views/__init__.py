"""What the pages that are no dashboards show; their templates are in `www/templates/view/`.

Each module gathers one page from the published files. Rows come from the queries in `www/queries/`, which are
canned queries of Datasette too: a page links to what it shows.
"""
