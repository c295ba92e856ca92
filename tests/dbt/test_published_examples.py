"""Worked examples from the literature, lived through by made-up tasks.

Metrics without one, for none was found that says its numbers and what they come from:
`metric_active_projects`, `metric_forecast_backtest` and `metric_monthly_statistics` (the mails have figures,
but not the tasks that they were made from).
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import accumulate
from math import comb
from typing import Any

import pytest
from built_warehouse import Warehouse, build_models, settings_in
from documents_file import write_documents
from published_examples import (
    AS_OF,
    BOARDS,
    COIN,
    DEBT,
    EFFICIENCY,
    FLOW,
    IMPEDIMENTS,
    LITTLES_LAW,
    LOADED,
    MILESTONE,
    MUFFIN,
    QUANTILES_PROJECT,
    REOPENED,
    TEA,
    TO_AND_FRO,
    TRACES,
    WORKLOADS,
    column,
    example_documents,
    person,
)

EVERY_TASK = "subtype = 'all' and priority_name = 'all'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "own").mkdir()
    with (folder / "own" / "settings.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows(
            [
                ("setting", "project", "value"),
                ("service_level_percentile", QUANTILES_PROJECT, "75"),
                ("publish_people", LOADED, "true"),
            ]
        )
    settings = settings_in(folder, "public", settings_dir=folder / "own")
    write_documents(settings, example_documents(), AS_OF)
    return build_models(settings)


def test_percentiles_are_type_7_of_hyndman_and_fan(warehouse: Warehouse) -> None:
    """A question about R's `quantile`, which says 57.85, 63.5 and 66.75 for the quarters of 15 values.

    R's default is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
    Statistician 50 (1996), the linear interpolation that is used here.
    https://codewithsundeep.com/discussion/solution/15329408
    """
    for name in ("lead", "cycle"):
        ((median,),) = warehouse.query(
            f"select {name}_time_p50_days from metric_{name}_time where project_phid = '{QUANTILES_PROJECT}' "
            f"and period = 'week' and finished_tasks_count = 15 and {EVERY_TASK}"
        )
        assert median == pytest.approx(63.5)
    ((median, third_quarter),) = warehouse.query(
        "select distinct cycle_time_p50_days, expected_cycle_time_days from metric_service_level "
        f"where project_phid = '{QUANTILES_PROJECT}' and window_tasks_count = 15"
    )
    assert (median, third_quarter) == (pytest.approx(63.5), pytest.approx(66.75))


def test_littles_law_of_a_team_with_ten_tasks_in_progress(warehouse: Warehouse) -> None:
    """Ten tasks in progress that take two days each make five a day.

    "Software Development Example" of
    https://bathalaxxx.github.io/Industrial-Engineer-Calculators/littleslaw.html; the law is that of Little,
    "A Proof for the Queuing Formula: L = λW", Operations Research 9 (1961).
    """
    ((mean, rate, time, expected, ratio, said),) = warehouse.query(
        "select wip_mean_count, throughput_per_day_count, cycle_time_mean_days, expected_wip_count, "
        "wip_to_expected_wip_ratio, assumptions_text from metric_littles_law "
        f"where project_phid = '{LITTLES_LAW}' and period_started_date = '2026-04-01'"
    )
    assert [mean, rate, time, expected, ratio] == pytest.approx([10, 5, 2, 10, 1])
    assert said == "Every assumption holds."
    assert warehouse.query(
        f"select distinct wip_count, wip_mean_count from metric_wip where project_phid = '{LITTLES_LAW}' "
        f"and {EVERY_TASK} and period = 'month' "
        "and period_started_date between '2026-02-01' and '2026-03-01'"
    ) == [(10, 10)]


def test_flow_efficiency_of_two_days_of_work_in_ten(warehouse: Warehouse) -> None:
    """Two days of work in ten calendar days are 20 %: https://freekanbanboards.com/blog/flow-efficiency."""
    assert warehouse.query(
        "select finished_tasks_count, cycle_time_total_days, active_total_days, waiting_total_days, "
        "flow_efficiency_share, flow_efficiency_p50_share from metric_flow_efficiency "
        f"where project_phid = '{EFFICIENCY}' and period = 'month' and finished_tasks_count > 0"
    ) == [(1, 10, 2, 8, 0.2, 0.2)]


# The eighteen issues of jira-agile-metrics, of which its tests tell what each of its charts must show:
# https://github.com/DeloitteDigitalUK/jira-agile-metrics, `large_cycle_time_results` in
# jira_agile_metrics/conftest.py at 05c69cf, and the tests in jira_agile_metrics/calculators.


def by_day(warehouse: Warehouse, sql: str) -> list[Any]:
    """What is true at the end of each of the first nine days, where rows stand for days with a change."""
    changes = dict(warehouse.query(sql))
    first = AS_OF.date() - timedelta(days=9)
    days = [first + timedelta(days=number) for number in range(9)]
    return [
        max(((day, value) for day, value in changes.items() if day <= end), default=(end, 0))[1]
        for end in days
    ]


def test_cumulative_flow_is_that_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """The table in wip_test.py at 1f90190."""
    published = {
        "backlog": [16, 17, 18, 18, 18, 18, 18, 18, 18],
        "committed": [0, 9, 13, 14, 15, 15, 15, 15, 15],
        "build": [0, 0, 8, 10, 11, 12, 12, 12, 12],
        "test": [0, 0, 0, 3, 8, 8, 8, 9, 9],
        "closed": [0, 0, 0, 0, 0, 0, 2, 4, 6],
    }
    for name, lines in published.items():
        phid = name if name == "closed" else column(FLOW, name)
        assert lines == by_day(
            warehouse,
            "select flow_date, arrivals_count from metric_cumulative_flow "
            f"where board_phid = '{FLOW}' and column_phid = '{phid}'",
        ), name


def of_flow(metric: str, value: str, period: str = "day") -> str:
    return (
        f"select period_started_date, {value} from metric_{metric} "
        f"where project_phid = '{FLOW}' and period = '{period}' and {EVERY_TASK}"
    )


def test_wip_is_that_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_calculate_wip` in wip_test.py at 1f90190."""
    assert by_day(warehouse, of_flow("wip", "wip_count")) == [0, 9, 13, 14, 15, 15, 13, 11, 9]


def test_throughput_is_that_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_calculate_throughput` in throughput_test.py at 0f364a7."""
    closed = dict(
        warehouse.query(of_flow("throughput", "closed_tasks_count") + " and closed_tasks_count > 0")
    )
    assert closed == {AS_OF.date() - timedelta(days=day): 2 for day in (1, 2, 3)}


def test_net_flow_is_that_of_the_lines_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """The rise of Backlog less the rise of Done in wip_test.py; their own chart counts from Committed on."""
    assert by_day(warehouse, of_flow("net_flow", "open_tasks_count")) == [16, 17, 18, 18, 18, 18, 16, 14, 12]
    changes = dict(warehouse.query(of_flow("net_flow", "net_flow_count") + " and net_flow_count != 0"))
    assert [changes[day] for day in sorted(changes)] == [16, 1, 1, -2, -2, -2]


def test_cycle_time_is_that_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_calculate_percentiles` in percentiles_test.py at 26c6cb0: the median is five days."""
    assert warehouse.query(
        of_flow("cycle_time", "cycle_time_p50_days", "month") + " and finished_tasks_count > 0"
    ) == [(date(2026, 4, 1), 5)]


def test_ages_of_work_are_those_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_calculate_ageing_wip` in ageingwip_test.py at 1ea4230."""
    committed, build, test = (column(FLOW, name) for name in BOARDS[FLOW][1:])
    assert warehouse.query(
        "select column_phid, work_item_age_days from metric_work_item_age "
        f"where project_phid = '{FLOW}' order by task_id"
    ) == [(committed, 8), (committed, 7), (committed, 7), *[(build, 8)] * 3, *[(test, 8)] * 3]


def test_burnup_is_that_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """Backlog and Done at the ends of both weeks, as burnup.py takes them from the table in wip_test.py."""
    assert warehouse.query(
        "select scope_tasks_count, scope_closed_tasks_count from metric_burnup "
        f"where project_phid = '{FLOW}' and period = 'week' order by period_started_date"
    ) == [(18, 2), (18, 6)]


def test_ages_of_debt_are_those_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_breakdown` in debt_test.py at 071b8d4: ages of what is open and of what was closed."""
    rest = 3661 / 86400
    assert warehouse.query(
        "select open_tasks_count, age_max_days, age_mean_days from metric_open_task_age "
        f"where project_phid = '{DEBT}' and {EVERY_TASK}"
    ) == [(2, pytest.approx(76 + rest), pytest.approx((76 + 15) / 2 + rest))]
    closed = warehouse.query(
        "select finished_tasks_count, lead_time_mean_days from metric_lead_time "
        f"where project_phid = '{DEBT}' and period = 'week' and finished_tasks_count > 0 and {EVERY_TASK} "
        "order by period_started_date"
    )
    assert closed == [
        (1, pytest.approx(18 + rest)),
        (1, pytest.approx(15 + rest)),
        (2, pytest.approx((78 + 45) / 2 + rest)),
    ]


def test_blocked_days_are_those_of_jira_agile_metrics(warehouse: Warehouse) -> None:
    """`test_movement` in cycletime_test.py at 05c69cf: issues blocked for 0, 3, 2 and 3 days."""
    assert warehouse.query(
        "select blocked_tasks_count, blocked_days, blocked_by_status_days from metric_blocked_time "
        f"where project_phid = '{IMPEDIMENTS}' and period = 'month' and blocked_days > 0"
    ) == [(3, 0 + 3 + 2 + 3, 8)]


def test_time_in_a_status_is_summed_where_a_task_comes_back(warehouse: Warehouse) -> None:
    """Two hours in To Do, later two more, are four.

    "Time in Status Report" of https://help.saasjet.com/tis/how-the-time-in-status-app-calculates-values-in-re
    """
    ((in_status,),) = warehouse.query(
        "select time_in_status_p50_days from metric_time_in_status "
        f"where project_phid = '{TO_AND_FRO}' and status = 'open' and period = 'month' and tasks_count > 0"
    )
    ((in_column,),) = warehouse.query(
        "select time_in_column_p50_days from metric_time_in_column "
        f"where column_phid = '{column(TO_AND_FRO, 'to do')}' and period = 'month' and tasks_count > 0"
    )
    assert [in_status, in_column] == pytest.approx([4 / 24, 4 / 24])


def test_transitions_are_the_pairs_that_follow_each_other(warehouse: Warehouse) -> None:
    """Log L1 of van der Aalst, "Process Mining", section 5.2: traces abcd three times, acbd twice, aed once.

    Its pairs are listed after definition 5.3, on page 130:
    https://digilib.universitaspertamina.ac.id/ebook/Process%20mining/files/basic-html/page148.html
    """
    names = {column(TRACES, name): name for name in BOARDS[TRACES]}
    found = {
        names[source] + names[target]: count
        for source, target, count in warehouse.query(
            "select from_state, to_state, transitions_count from metric_board_progression "
            f"where project_phid = '{TRACES}' and transition_kind = 'column' and from_state != 'outside'"
        )
    }
    assert found == {"ab": 3, "ac": 2, "ae": 1, "bc": 3, "cb": 2, "bd": 2, "cd": 3, "ed": 1}


def test_42_of_600_closed_tasks_reopened_are_7_percent(warehouse: Warehouse) -> None:
    """https://kpitree.co/glossary/operations-metrics/issue-reopening-rate"""
    assert warehouse.query(
        "select once_closed_tasks_count, reopened_tasks_count, reopened_share from metric_reopen_rate "
        f"where project_phid = '{REOPENED}' and {EVERY_TASK} and once_closed_tasks_count > 0"
    ) == [(600, 42, pytest.approx(0.07))]


def test_what_projects_share_is_the_confidence_of_a_rule(warehouse: Warehouse) -> None:
    """Of 50 with tea 25 have a muffin: "tea ⇒ muffin" has the confidence 0.5.

    The support 0.104167 and the lift 3 that are named with it make 40 with a muffin.
    Van der Aalst, "Process Mining", chapter 3, on association rules:
    https://www4.ilovetranslation.com/Vmo_WnU2kGr=d
    """
    assert warehouse.query(
        "select shared_tasks_count, shared_share, shared_of_smaller_share from metric_coincident_projects "
        f"where project_phid = '{TEA}' and other_project_phid = '{MUFFIN}'"
    ) == [(25, 0.5, 25 / 40)]


def test_workload_of_a_team_of_four(warehouse: Warehouse) -> None:
    """The table "Team workload view" of https://docs.gitscrum.com/en/best-practices/developer-workload-management.

    On average 2.5 tasks are in progress and 4.5 assigned.
    """
    assert warehouse.query(
        "select distinct people_count, wip_per_person_mean_count, tasks_per_person_mean_count, "
        f"tasks_per_person_max_count from metric_workload where project_phid = '{LOADED}'"
    ) == [(4, 2.5, 4.5, 6)]
    found = warehouse.query(
        "select distinct user_phid, wip_count, open_tasks_count from metric_workload_by_person "
        f"where project_phid = '{LOADED}'"
    )
    assert {phid: counts for phid, *counts in found} == {
        person(name): list(counts) for name, counts in WORKLOADS.items()
    }


def test_milestone_of_ten_tasks_of_which_the_smallest_is_closed(warehouse: Warehouse) -> None:
    """10 % complete by count, although nine of the weight 9 are open.

    https://gitlab.com/gitlab-org/gitlab-ee/issues/2191
    """
    assert warehouse.query(
        "select closed_tasks_share, closed_points, total_points, closed_points_share from metric_milestones "
        f"where project_phid = '{MILESTONE}'"
    ) == [(0.1, 1, 82, pytest.approx(1 / 82))]


def test_forecasts_of_a_coin_are_the_binomial_distribution(warehouse: Warehouse) -> None:
    """Where every other day has one closing, what is closed in n days is like the heads of n coins.

    At most 3 of 10 are heads with a probability of 0.17188:
    https://statistics-website.pages.dev/tables/binomial-distribution-table/
    Bounds that chance may move are left out.
    """
    assert round(_at_most(3, 10), 5) == 0.17188
    how_many = warehouse.query(
        "select horizon_days, closed_tasks_p50_count, closed_tasks_p15_count, closed_tasks_p5_count "
        f"from metric_forecast_how_many where project_phid = '{COIN}'"
    )
    compared = 0
    for days, *bounds in how_many:
        for share, bound in zip((0.5, 0.15, 0.05), bounds, strict=True):
            sure = {
                next(heads for heads in range(days + 1) if _at_most(heads, days) > share + margin)
                for margin in (-0.015, 0.015)
            }
            if len(sure) == 1:
                assert {bound} == sure, (days, share)
                compared += 1
    assert compared > 50
    assert next(p15 for days, _, p15, _ in how_many if days == 10) == 3
    # how often the fifth head comes within 12, 13, 15 and 16 days
    assert [round(1 - _at_most(4, days), 2) for days in (12, 13, 15, 16)] == [0.81, 0.87, 0.94, 0.96]
    assert warehouse.query(
        "select time_to_finish_p85_days, time_to_finish_p95_days from metric_forecast_when "
        f"where project_phid = '{COIN}' and tasks_count = 5"
    ) == [(13, 16)]


def _at_most(heads: int, coins: int) -> float:
    return list(accumulate(comb(coins, one) / 2**coins for one in range(coins + 1)))[heads]
