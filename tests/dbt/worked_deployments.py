"""One pipeline, as a person would write its files; `test_deployments` computes its figures by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ddd.settings import Settings
from ddd.source_settings import DeliverySettings

DEPLOYMENTS = """\
deployment_id,deployed_at,version,outcome,repairs,recovered_at,pipeline,commits
D1,2026-03-02T10:00:00Z,1.0,success,,,shop,a@2026-03-01T10:00:00Z b@2026-02-26T10:00:00Z
D2,2026-03-04T10:00:00Z,1.1,success,,,shop,c@2026-03-02T10:00:00Z
D3,2026-03-04T15:00:00+01:00,1.2,success,D2,,shop,"[
 {""id"": ""d"", ""authored_at"": ""2026-03-04T13:00:00Z""},
 {""id"": ""c9"", ""change"": ""c"", ""authored_at"": ""2026-03-02T10:00:00Z""}]"
D4,2026-03-09T00:00:00Z,1.3,rolled back,,2026-03-09T06:00:00Z,shop,e@2026-02-28T00:00:00Z@2026-03-08T00:00:00Z
D5,2026-03-30T10:00:00Z,1.4,failed,,,shop,[]
"""
"""D3 brings a copy of c, which is there already. D4 is made on a Monday at midnight; its one commit was
written in February and picked in March."""

INCIDENTS = """\
incident_id,started_at,resolved_at,pipeline,deployment_id
I0,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,shop,
I1,2026-03-04T10:30:00Z,2026-03-04T12:00:00Z,shop,
I2,2026-03-04T11:00:00Z,,shop,
I2,2026-03-04T11:00:00Z,,shop,D2
I2,2026-03-04T11:00:00Z,2026-03-04T14:30:00Z,shop,D2
I3,2026-03-20T10:00:00Z,2026-03-20T11:00:00Z,shop,none
I4,2026-04-02T00:10:00Z,,shop,
"""
"""I0 was before any deployment, I2 was written down three times, no deployment caused I3, and I4 began in the
month after the deployment that caused it."""


def with_worked_deployments(settings: Settings, folder: Path) -> Settings:
    """These settings, with the files above."""
    deployments, incidents = folder / "deployments.csv", folder / "incidents.csv"
    deployments.write_text(DEPLOYMENTS)
    incidents.write_text(INCIDENTS)
    return replace(settings, delivery=DeliverySettings(file=deployments, incidents_file=incidents))
