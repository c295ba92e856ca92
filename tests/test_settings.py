"""Which site a command works on, and what it says when that is unclear."""

import json
import re
from pathlib import Path

import pytest

from ddd.errors import SettingsError
from ddd.settings import PROJECT_DIR, load_settings

URL, TOKEN = "https://phab.example.org/api/", "api-abcdefghijklmnopqrstuvwxyz12"


def write_arcrc(home: Path, hosts: dict[str, dict[str, str]]) -> None:
    (home / ".arcrc").write_text(json.dumps({"hosts": hosts}))


def test_nothing_configured_is_the_demo(tmp_path: Path) -> None:
    site = load_settings({}, home=tmp_path).site
    assert site.is_demo
    assert site.name == "demo"


@pytest.mark.parametrize(
    "url",
    [
        "https://phab.example.org",
        "https://phab.example.org/",
        "https://phab.example.org/api",
        "https://phab.example.org/api/",
    ],
)
def test_the_server_may_be_named_with_or_without_api(url: str, tmp_path: Path) -> None:
    site = load_settings({"CONDUIT_URL": url, "CONDUIT_TOKEN": TOKEN}, home=tmp_path).site
    assert (site.url, site.token, site.name) == (URL, TOKEN, "phab.example.org")


def test_sites_on_different_ports_have_different_folders(tmp_path: Path) -> None:
    names = {
        load_settings(
            {"CONDUIT_URL": f"http://127.0.0.1:{port}/", "CONDUIT_TOKEN": TOKEN}, home=tmp_path
        ).site.name
        for port in (8080, 8081)
    }
    assert len(names) == 2


@pytest.mark.parametrize("key", ["token", "api-token"])
def test_the_one_host_of_arcrc_is_used(key: str, tmp_path: Path) -> None:
    write_arcrc(tmp_path, {URL: {key: TOKEN}})
    site = load_settings({}, home=tmp_path).site
    assert (site.url, site.token) == (URL, TOKEN)


def test_arcrc_gives_the_token_of_the_chosen_host(tmp_path: Path) -> None:
    write_arcrc(tmp_path, {"https://other.example/api/": {"token": "api-other"}, URL: {"token": TOKEN}})
    assert load_settings({"CONDUIT_URL": "https://phab.example.org"}, home=tmp_path).site.token == TOKEN
    with pytest.raises(SettingsError, match=r"2 hosts.*Choose one with CONDUIT_URL"):
        load_settings({}, home=tmp_path)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DDD_DEMO": "0"}, "No server is configured and the demo is switched off"),
        ({"CONDUIT_TOKEN": TOKEN}, "CONDUIT_TOKEN is set, but CONDUIT_URL is not"),
        ({"CONDUIT_URL": URL}, "No token for https://phab.example.org/api/"),
        ({"CONDUIT_URL": "phab.example.org", "CONDUIT_TOKEN": TOKEN}, "is not an address"),
        ({"CONDUIT_URL": "https://me:secret@phab.example.org/", "CONDUIT_TOKEN": TOKEN}, "holds a password"),
        ({"DATASETTE_PORT": "80 80"}, "whole number from 0 to 65535"),
        ({"DDD_DEMO_END": "31.1.2026"}, "Write a day as 2026-01-31"),
        ({"DDD_DEMO": "maybe"}, "Write 1 or 0"),
        ({"DDD_EXPORT_POLICIES": " , "}, "Name at least one view policy"),
    ],
)
def test_unclear_settings_are_one_line_that_says_what_to_do(
    environ: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)) as caught:
        load_settings(environ, home=tmp_path)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    for secret in (TOKEN, "secret"):
        assert secret not in str(caught.value)


def test_a_broken_arcrc_is_named(tmp_path: Path) -> None:
    (tmp_path / ".arcrc").write_text('{"hosts": []')
    with pytest.raises(SettingsError, match="not what arcanist writes"):
        load_settings({}, home=tmp_path)


def test_the_token_is_not_in_the_representation(tmp_path: Path) -> None:
    settings = load_settings({"CONDUIT_URL": URL, "CONDUIT_TOKEN": TOKEN}, home=tmp_path)
    assert TOKEN not in repr(settings)


def test_every_variable_that_is_read_is_in_the_example() -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", (PROJECT_DIR / ".env.example").read_text(), re.MULTILINE))
    modules = [PROJECT_DIR / "extract/ddd" / name for name in ("settings.py", "source_settings.py")]
    source = "".join(module.read_text() for module in modules)
    read = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source))
    assert read == example


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIAWIKI_CONFIG_REPO", "/srv/mediawiki-config"),
        ("GERRIT_URL", "https://gerrit.example.org/r"),
        ("GERRIT_PATCHES_FILE", "patches.csv.gz"),
        ("DELIVERY_FILE", "deployments.csv"),
        ("DELIVERY_INCIDENTS_FILE", "incidents.csv"),
        ("DELIVERY_REPO", "/srv/product.git"),
    ],
)
def test_a_source_of_deployments_needs_no_server_and_no_demo(name: str, value: str, tmp_path: Path) -> None:
    alone = load_settings({name: value, "DDD_DEMO": "0"}, home=tmp_path)
    assert (alone.site.name, alone.site.url, alone.site.is_demo) == ("deployments", "", False)
    beside = load_settings({name: value, "CONDUIT_URL": URL, "CONDUIT_TOKEN": TOKEN}, home=tmp_path)
    assert beside.site.name == "phab.example.org"
    assert beside.gerrit == alone.gerrit
    assert beside.delivery == alone.delivery


def test_gerrits_token_is_in_no_text(tmp_path: Path) -> None:
    environ = {"GERRIT_URL": "https://gerrit.example.org/r", "GERRIT_USER": "ann", "GERRIT_TOKEN": "s3cret"}
    settings = load_settings(environ, home=tmp_path)
    assert settings.gerrit.url == "https://gerrit.example.org/r/"
    assert "s3cret" not in repr(settings)
    for wrong in ({"GERRIT_USER": ""}, {"GERRIT_URL": "https://ann:s3cret@gerrit.example.org/"}):
        with pytest.raises(SettingsError) as raised:
            load_settings({**environ, **wrong}, home=tmp_path)
        assert "s3cret" not in str(raised.value)
