"""The pages in a real headless Chromium: charts draw, the address is the state, all is served from here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import wait_for_charts, watched_page
from www.sample import BOARDLESS_PROJECT, EMPTY_PROJECT, HOSTILE, HOSTILE_PROJECT

pytestmark = pytest.mark.browser

CHARTS = ["throughput", "net_flow", "wip", "open_tasks", "cumulative_flow"]
TABS = ["flow", "time", "now", "forecast", "board", "burnup", "report"]
TIME_CHARTS = [
    "cycle_time",
    "lead_time",
    "finished_tasks",
    "closed_tasks",
    "cycle_distribution",
    "lead_distribution",
    "time_in_status",
    "time_in_column",
]


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page that fails the test on anything the browser complains of; open SQL is off unless asked for."""
    address = request.getfixturevalue(getattr(request, "param", "public_address"))
    context = browser.new_context(
        base_url=address, viewport={"width": 1280, "height": 900}, accept_downloads=True
    )
    page, problems = watched_page(context, address)
    page.set_default_timeout(15_000)
    page.problems = problems  # type: ignore[attr-defined]
    yield page
    context.close()
    assert problems == []


def _open(page: Page, query: str = "") -> None:
    page.goto(f"/-/ddd/workflow{query}")
    wait_for_charts(page)


def _marks(page: Page, chart: str, kind: str = "path") -> int:
    return page.locator(f"#chart-{chart} svg .mark-{kind}.role-mark path").count()


def _state(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def _rows(page: Page, chart: str) -> list[dict[str, str]]:
    """The rows behind a chart, from its own CSV link."""
    link = page.locator(f"#chart-{chart} [data-link=csv]").get_attribute("href")
    text = page.request.get(str(link)).text()
    return list(csv.DictReader(io.StringIO(text)))


def test_charts_draw_the_rows_of_their_queries(page: Page) -> None:
    _open(page, f"?project={HOSTILE_PROJECT}")
    weeks = _rows(page, "throughput")
    assert 50 <= len(weeks) <= 53
    drawn = page.locator("#chart-throughput svg .mark-rect.layer_0_marks path")
    assert drawn.count() == len(weeks)
    heights = [
        _height(path) for path in drawn.evaluate_all("(all) => all.map((each) => each.getAttribute('d'))")
    ]
    counts = [int(week["closed_tasks_count"]) for week in weeks]
    scale = max(heights) / max(counts)
    assert heights == pytest.approx([count * scale for count in counts], abs=0.6)
    columns = {row["column_name"] for row in _rows(page, "cumulative_flow")}
    assert page.locator("#chart-cumulative_flow svg .mark-area path").count() == len(columns) == 5

    _open(page, f"?project={HOSTILE_PROJECT}&tab=time")
    for chart in ("finished_tasks", "closed_tasks"):
        assert _marks(page, chart, "symbol") == len(_rows(page, chart))
    for chart in ("cycle_time", "lead_time"):
        assert page.locator(f"#chart-{chart} svg .mark-line.role-mark").count() >= 3


def _height(path: str) -> float:
    """Of a rectangle `M x,y h w v h h -w Z`."""
    found = re.search(r"v(-?[\d.]+)", path)
    assert found, path
    return abs(float(found.group(1)))


def test_a_filter_changes_every_chart_and_the_address_and_back_works(page: Page) -> None:
    _open(page)
    before = {
        chart: page.locator(f"#chart-{chart} .drawing").get_attribute("aria-label") for chart in CHARTS[:4]
    }
    expect(page.locator("#chart-cumulative_flow .message")).to_contain_text("one workboard at a time")

    page.locator("#project").click()
    page.locator("#project").fill("team 1")
    option = page.get_by_role("option", name="Product / Team 1")
    expect(option).to_have_count(1)
    option.click()
    wait_for_charts(page)
    expect(page.locator("#status")).to_contain_text("Product / Team 1")
    assert _state(page) == {"project": "PHID-PROJ-team1"}
    assert page.locator("#project").input_value() == "Product / Team 1"
    for chart in CHARTS[:4]:
        assert page.locator(f"#chart-{chart} .drawing").get_attribute("aria-label") != before[chart]
    expect(page.locator("#chart-cumulative_flow svg")).to_be_visible()

    page.get_by_label("Month", exact=True).check(force=True)
    expect(page.locator("#status")).to_contain_text("by month")
    assert _state(page) == {"project": "PHID-PROJ-team1", "period": "month"}
    assert len(_rows(page, "throughput")) == 12

    page.go_back()
    expect(page.locator("#status")).to_contain_text("by week")
    page.go_back()
    expect(page.locator("#status")).to_contain_text("All projects")
    assert _state(page) == {}
    for chart in CHARTS[:4]:
        expect(page.locator(f"#chart-{chart} .drawing")).to_have_attribute("aria-label", str(before[chart]))


def test_an_address_can_be_shared(page: Page) -> None:
    query = "?project=PHID-PROJ-team2&period=month&date_start=2026-01-01&date_end=2026-06-30"
    _open(page, query)
    assert page.locator("#project").input_value() == "Product / Team 2"
    assert page.get_by_label("From", exact=True).input_value() == "2026-01-01"
    assert page.get_by_label("Month", exact=True).is_checked()
    assert {row["period_started_date"] for row in _rows(page, "throughput")} == {
        f"2026-0{n}-01" for n in range(1, 7)
    }
    assert page.title() == "Workflow · Product / Team 2 · Data³"


def test_dates_and_ranges(page: Page) -> None:
    _open(page)
    assert page.locator("[aria-pressed=true]").inner_text() == "12 months"
    page.get_by_role("button", name="3 months").click()
    expect(page.locator("#status")).to_contain_text("2026-08-18 to 2026-11-18")
    assert _state(page) == {"date_start": "2026-08-18"}
    page.get_by_role("button", name="All").click()
    expect(page.locator("[aria-pressed=true]")).to_have_text("All")
    page.get_by_label("To", exact=True).fill("2026-10-31")
    expect(page.locator("#status")).to_contain_text("to 2026-10-31")
    before = page.url
    page.get_by_label("To", exact=True).fill("2020-01-01")  # before the first day: refused
    assert page.get_by_label("To", exact=True).evaluate("(field) => field.validationMessage") != ""
    assert page.url == before


def test_keyboard_alone_chooses_a_project(page: Page) -> None:
    _open(page)
    page.locator("#project").focus()
    page.keyboard.type("sleep")
    expect(page.locator("#project-options [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert page.locator("#project").get_attribute("aria-activedescendant") == "project-options-0"
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Sleeping")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#project-options")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#project-options")).to_be_hidden()
    assert page.locator("#project").input_value() == "Sleeping"


def test_empty_charts_say_what_there_is_instead(page: Page) -> None:
    _open(page, f"?project={EMPTY_PROJECT}")
    message = page.locator("#chart-throughput .message")
    expect(message).to_contain_text("No task of Sleeping was closed from 2025-11-18 to 2026-11-18.")
    newest = re.search(r"newest closed one was closed on (\d{4}-\d\d-\d\d)", message.inner_text())
    assert newest
    message.get_by_role("button").click()
    expect(page.locator("#status")).to_contain_text(f"to {newest.group(1)}")
    expect(page.locator("#chart-throughput svg")).to_be_visible()


def test_project_without_a_board_offers_boards(page: Page) -> None:
    _open(page, f"?project={BOARDLESS_PROJECT}")
    message = page.locator("#chart-cumulative_flow .message")
    expect(message).to_contain_text("No board")
    message.get_by_role("button", name=re.compile("Team 1")).click()
    page.wait_for_url("**project=PHID-PROJ-team1**")
    wait_for_charts(page)
    expect(page.locator("#chart-cumulative_flow svg")).to_be_visible()
    assert _state(page)["project"] == "PHID-PROJ-team1"


def test_unknown_project_says_so(page: Page) -> None:
    _open(page, "?project=PHID-PROJ-nowhere")
    expect(page.locator("#chart-throughput .message")).to_contain_text("Unknown project PHID-PROJ-nowhere")
    expect(page.locator("#chart-throughput .message")).to_contain_text("None was ever closed")


def test_hostile_names_are_text_in_filters_charts_tooltips_and_tables(page: Page) -> None:
    _open(page, f"?project={HOSTILE_PROJECT}")
    assert page.locator("#project").input_value() == HOSTILE
    expect(page.locator("#chart-cumulative_flow svg")).to_contain_text("<script>alert(1)")
    page.get_by_role("tab", name="Time").click()
    wait_for_charts(page)
    titles = [row["title"] for row in _rows(page, "finished_tasks")]
    place = titles.index(HOSTILE)
    page.locator("#chart-finished_tasks svg .mark-symbol path").nth(place).dispatch_event(
        "pointermove", {"bubbles": True, "clientX": 5, "clientY": 5}
    )
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text(HOSTILE[:40])
    assert page.locator("#vg-tooltip-element img, #vg-tooltip-element script").count() == 0
    page.locator("#chart-finished_tasks details.rows summary").click()
    expect(page.locator("#chart-finished_tasks td", has_text="<script>").first).to_be_visible()
    page.locator("#project").click()
    expect(page.locator("#project-options [role=option]").first).to_be_visible()
    assert page.locator("#project-options script, #project-options img").count() == 0


def test_what_is_under_the_pointer_is_told_in_words(page: Page) -> None:
    for chart, tab, said in (
        ("throughput", "flow", "Closed tasks"),
        ("net_flow", "flow", "Re-opened"),
        ("wip", "flow", "In progress, mean"),
        ("cycle_time", "time", "P85, days"),
        ("lead_time", "time", "P50, days"),
    ):
        _open(page, f"?project={HOSTILE_PROJECT}&tab={tab}")
        page.locator(f"#chart-{chart}").scroll_into_view_if_needed()
        drawing = page.locator(f"#chart-{chart} svg").bounding_box()
        assert drawing
        page.mouse.move(drawing["x"] + drawing["width"] / 2, drawing["y"] + drawing["height"] / 3)
        tooltip = page.locator("#vg-tooltip-element.visible")
        expect(tooltip).to_contain_text(said)
        days = re.findall(r"20\d\d-\d\d-\d\d", tooltip.inner_text())
        shown = next(row for row in _rows(page, chart) if row["period_started_date"] == days[0])
        assert shown["period_ended_date"] == days[1]
        page.mouse.move(2, 2)


def test_charts_follow_the_width_of_the_window(page: Page) -> None:
    _open(page, f"?project={HOSTILE_PROJECT}")
    for width in (700, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        for chart in ("throughput", "wip", "cumulative_flow"):
            page.locator(f"#chart-{chart} .drawing").scroll_into_view_if_needed()
            page.wait_for_function(
                "(name) => { const place = document.querySelector(`#chart-${name} .drawing`);"
                " const drawn = place.querySelector('svg')?.getBoundingClientRect().width ?? 0;"
                " return drawn <= place.clientWidth && drawn >= place.clientWidth * 0.94; }",
                arg=chart,
            )


@pytest.mark.parametrize(("tab", "charts"), [("flow", CHARTS), ("time", TIME_CHARTS)])
def test_every_chart_has_words_a_table_and_downloads(page: Page, tab: str, charts: list[str]) -> None:
    _open(page, f"?project={HOSTILE_PROJECT}&tab={tab}")
    for chart in charts:
        card = page.locator(f"#chart-{chart}")
        label = str(card.locator(".drawing").get_attribute("aria-label"))
        assert card.locator(".drawing").get_attribute("role") == "img"
        along = r"( from 20\d\d-\d\d-\d\d to 2026-\d\d-\d\d| from \d+ to \d+|: .*)"
        assert re.search(rf"\d+ rows{along}.*lowest .*highest", label)
        card.locator("details.definition summary").click()
        expect(card.locator("details.definition code").last).to_contain_text("dbt_project/models/")
        card.locator("details.rows summary").click()
        rows = _rows(page, chart)
        assert card.locator("details.rows tbody tr").count() == min(len(rows), 300)
        for kind in ("svg", "png") if chart == charts[0] else ():
            with page.expect_download() as download:
                card.locator(f"[data-image={kind}]").click()
            assert download.value.suggested_filename == f"{chart}.{kind}"
            content = download.value.path().read_bytes()
            assert content.startswith(b"\x89PNG" if kind == "png" else b"<svg")
            assert b"<script" not in content
        query = page.request.get(str(card.locator("[data-link=query]").get_attribute("href")))
        assert query.ok
        assert HOSTILE_PROJECT in query.text()


def test_a_dot_opens_its_task(page: Page) -> None:
    _open(page, f"?project={HOSTILE_PROJECT}&tab=time")
    task_id = _rows(page, "finished_tasks")[0]["task_id"]
    page.locator("#chart-finished_tasks svg .mark-symbol path").first.dispatch_event(
        "click", {"bubbles": True}
    )
    page.wait_for_url(f"**/-/ddd/task/T{task_id}")
    wait_for_charts(page)


def test_a_failing_query_says_what_to_do(page: Page) -> None:
    answers = iter([500, 200])

    def fail_once(route: object) -> None:
        if next(answers) == 500:
            route.fulfill(
                status=400, json={"ok": False, "error": "The query took longer than the server allows."}
            )  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/metrics/workflow_lead_time.rows?*", fail_once)
    _open(page, "?tab=time")
    message = page.locator("#chart-lead_time [role=alert]")
    expect(message).to_contain_text("Choose a shorter range or a smaller project")
    expect(page.locator("#chart-cycle_time svg")).to_be_visible()
    message.get_by_role("button", name="Try again").click()
    expect(page.locator("#chart-lead_time svg")).to_be_visible()
    problems: list[str] = page.problems  # type: ignore[attr-defined]
    assert len(problems) == 2, "the answer and the console's line about it"
    problems.clear()


@pytest.mark.parametrize("page", ["address", "public_address"], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/-/ddd/",
        "/metrics",
        "/metrics/tasks?_facet=status",
        "/metrics/tasks/1",
        "/metrics/workflow_projects?q=team",
        "/metrics?sql=select+1+as+one",
    ],
)
def test_other_pages_break_no_policy(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer
    page.wait_for_load_state("networkidle")
    if answer.status == 403:
        problems: list[str] = page.problems  # type: ignore[attr-defined]
        assert "sql" in path
        problems.clear()
    assert page.locator("main").count() == page.locator("h1").count() == 1


def test_column_menu_and_definitions_of_a_table(page: Page) -> None:
    page.goto("/metrics/metric_lead_time")
    page.get_by_text(re.compile("What the .* columns mean")).click()
    expect(page.locator("dl.column-descriptions")).to_contain_text("Unit: days.")
    page.locator("th[data-column=period] svg").click()
    expect(page.get_by_text("Facet by this")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 768, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme=scheme
    )  # type: ignore[arg-type]
    page, problems = watched_page(context, address)
    tabs = TABS if (width, scheme) in {(390, "light"), (1920, "dark")} else ["flow"]
    for path in (
        *(f"/-/ddd/workflow?project={HOSTILE_PROJECT}&tab={tab}" for tab in tabs),
        "/-/ddd/",
        "/metrics",
        "/metrics/tasks",
        "/metrics/workflow_throughput",
    ):
        page.goto(path)
        if "/-/ddd/workflow" in path:
            wait_for_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert problems == []


def test_text_has_contrast(browser: Browser, address: str) -> None:
    """WCAG AA for the pairs of tokens that carry text, light and dark."""
    pairs = [
        ("--ink", "--ground"), ("--ink", "--surface"), ("--ink", "--raised"), ("--ink", "--accent-soft"),
        ("--quiet", "--ground"), ("--quiet", "--surface"), ("--accent", "--ground"),
        ("--accent", "--surface"),
        ("--accent-ink", "--accent"), ("--warn-ink", "--warn-ground"), ("--warn-ink", "--surface"),
        ("--bad-ink", "--bad-ground"),
    ]  # fmt: skip
    marks = ["--count", "--trend", "--percentile-50", "--percentile-85", "--percentile-95", "--dot"]
    for scheme in ("light", "dark"):
        context = browser.new_context(base_url=address, color_scheme=scheme)
        page = context.new_page()
        page.goto("/-/ddd/")
        names = {name for pair in pairs for name in pair} | set(marks)
        colours = page.evaluate(
            "(names) => Object.fromEntries(names.map((name) =>"
            " [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()]))",
            sorted(names),
        )
        for ink, ground in pairs:
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (scheme, ink, ground)
        for mark in marks:
            assert _contrast(colours[mark], colours["--surface"]) >= 3, (scheme, mark)
        context.close()


def _contrast(one: str, other: str) -> float:
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_plain_command_draws_the_same(browser: Browser, plain_address: str, address: str) -> None:
    labels = {}
    for where in (plain_address, address):
        context = browser.new_context(base_url=where)
        page, problems = watched_page(context, where)
        page.goto("/-/ddd/workflow")
        wait_for_charts(page)
        labels[where] = [
            page.locator(f"#chart-{chart} .drawing").get_attribute("aria-label") for chart in CHARTS
        ]
        context.close()
        assert problems == []
    assert labels[plain_address] == labels[address]
    assert httpx.get(f"{plain_address}/static/vendor/vega.js").status_code == 200
