"""Titles, descriptions and comments; a few hold what careless pages, tables and spreadsheets stumble over."""

from __future__ import annotations

import random

HOSTILE_TITLES = (
    "<script>alert(1)</script> in search results",
    '<img src=x onerror="alert(1)"> shows as a picture in notifications',
    "Link to javascript:alert(document.cookie) is not blocked",
    '=HYPERLINK("http://example.org","click") in exported table',
    "Quotes \"double\", 'single' and `back` get lost",
    "'; DROP TABLE tasks; --",
    "{{ 7*7 }} ${7*7} {% raw %} is evaluated in templates",
    "עברית ועربية: الاتجاه معكوس في العنوان",
    "Emoji in user names break sorting 👩‍👩‍👧‍👦🏳️‍🌈🇺🇳",
    "Ünïcödé und ﷽ in page titles",
    "Zero\u200bwidth and \u202eright-to-left override\u202c in names",
    "A title that is as long as the server allows " + "and goes on " * 17,
    "日本語の検索結果が並び替えられない",
    "&lt;b&gt; is shown instead of bold &amp; vice versa",
    "Backslash \\ and \\n and \\u0041 are taken literally",
)

_ACTIONS = {
    "default": ("Update", "Clean up", "Document", "Migrate", "Review", "Rename", "Split up", "Remove unused"),
    "bug": ("Fix", "Fix flickering of", "Fix slow", "Fix wrong", "Repair", "Find out why users lose"),
    "feature": ("Add", "Offer", "Let users choose", "Show", "Design", "Support keyboard use of"),
    "error": ("Error:", "Exception:", "Timeout:", "Warning:", "Out of memory:"),
}
_CIRCUMSTANCES = (
    "",
    "",
    "",
    "for new accounts",
    "on small screens",
    "after a restart",
    "when offline",
    "in right-to-left languages",
    "for long pages",
    "under load",
    "behind a proxy",
    "in the test environment",
    "for anonymous readers",
    "on the second attempt",
    "with an empty database",
)
_FAULTS = (
    "undefined index in",
    "deadlock found in",
    "cannot reach",
    "null returned by",
    "too many connections to",
    "unexpected type in",
)
_THINGS = {
    "Search": (
        "ranking",
        "completion suggester",
        "index updates",
        "typo tolerance",
        "language detection",
        "result snippets",
        "facets",
        "synonyms",
        "query logs",
        "autocomplete",
        "relevance tests",
    ),
    "Editor": (
        "table tool",
        "undo history",
        "paste handling",
        "citation dialog",
        "toolbar",
        "link inspector",
        "image captions",
        "autosave",
        "spell checking",
        "template editor",
        "conflict resolution",
    ),
    "Reader-Web": (
        "page header",
        "table of contents",
        "dark mode",
        "search box",
        "footer links",
        "lazy images",
        "print view",
        "language switcher",
        "infobox layout",
        "sticky header",
        "font size setting",
    ),
    "Mobile-Apps": (
        "offline reading list",
        "push notifications",
        "feed cards",
        "widget",
        "login screen",
        "share sheet",
        "tab switcher",
        "download queue",
        "crash reports",
        "swipe gestures",
    ),
    "Platform": (
        "job queue",
        "parser cache",
        "session store",
        "REST routes",
        "rate limiter",
        "event bus",
        "schema migration",
        "thumbnail service",
        "configuration loader",
        "object cache",
        "API pager",
    ),
    "Release-Engineering": (
        "deployment script",
        "branch cut",
        "test pipeline",
        "container images",
        "merge queue",
        "build cache",
        "canary checks",
        "release notes",
        "build agents",
        "linters",
    ),
    "Site-Reliability": (
        "load balancer",
        "certificate renewal",
        "backup job",
        "alerting rules",
        "DNS records",
        "log shipping",
        "database replica",
        "disk space",
        "memory graphs",
        "failover runbook",
    ),
    "Design-System": (
        "button component",
        "colour tokens",
        "icon set",
        "dialog",
        "date picker",
        "tooltip",
        "form validation",
        "spacing scale",
        "tabs",
        "accessibility notes",
    ),
    "Legacy-Portal": ("old login page", "news box", "PHP 7 templates", "guest book", "image gallery"),
}
_COMMENTS = (
    "I can reproduce this.",
    "Looks good to me, merging after the tests.",
    "Could somebody from the team have a look?",
    "Done in the last patch; please check.",
    "Let us wait for the review.",
    "This is **not** urgent, but annoying.",
    "See https://example.org/x?a=1&b=2 for the logs.",
    "Works for me on the test server.",
    "Patch uploaded, needs review.",
    "Moved to the next quarter.",
    "It's harder than it looks: three callers depend on the old behaviour.",
    "Thanks! Danke! ありがとう!",
)
_SENTENCES = (
    "Steps to reproduce: open the page, wait, look.",
    "What happens: nothing. What should happen: something.",
    "This came up in the last retrospective.",
    "Several users reported it.",
    "Acceptance criteria:\n* it works\n* it is tested\n* it is documented",
    "There is a workaround, but it is ugly.",
    "```\nline 12: unexpected end of input\n```",
    "We promised this for the next quarter.",
)


def task_title(rng: random.Random, team: str, subtype: str) -> str:
    """A title as such a team would write it."""
    thing = rng.choice(_THINGS[team])
    action = rng.choice(_ACTIONS[subtype])
    if subtype == "error":
        return f"{action} {rng.choice(_FAULTS)} {thing}"
    circumstance = rng.choice(_CIRCUMSTANCES)
    return f"{action} {thing} {circumstance}".rstrip()


def blocker_title(rng: random.Random, team: str, version: str) -> str:
    """A title of an error that stops a release."""
    return f"[{version}] {rng.choice(_ACTIONS['error'])} {rng.choice(_FAULTS)} {rng.choice(_THINGS[team])}"


def description(rng: random.Random) -> str:
    """A few sentences."""
    return "\n\n".join(rng.sample(_SENTENCES, 1 + int(rng.random() * 3)))


def comment(rng: random.Random) -> str:
    """What people say."""
    return rng.choice(_COMMENTS)
