"""The example of nginx in `etc/nginx/`: nginx understands it, and pages come through it as they are."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from ddd.settings import PROJECT_DIR
from www.running import served

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
EXAMPLE = PROJECT_DIR / "etc" / "nginx" / "data3.conf"

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx on this machine")


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def certificate(folder: Path) -> None:
    subject = ["-subj", "/CN=data3.example.org", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject,
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def configuration(folder: Path, server: str, plain_port: int, tls_port: int) -> Path:
    """The example with the ports and folders of this test, in the least that nginx needs around it."""
    example = EXAMPLE.read_text(encoding="utf-8")
    for pattern, value in {
        r"/etc/letsencrypt/live/data3\.example\.org": str(folder),
        r"/var/cache/nginx/data3": str(folder / "cache"),
        r"/var/lib/data3/reports/": f"{folder / 'reports'}/",
        r"server 127\.0\.0\.1:8001": f"server {server}",
        r"listen 80;": f"listen 127.0.0.1:{plain_port};",
        r"listen 443 ": f"listen 127.0.0.1:{tls_port} ",
    }.items():
        example, count = re.subn(pattern, value, example)
        assert count, pattern
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr warn; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"{example}\n}}\n"
    )
    return path


@pytest.fixture(scope="module")
def site(trains_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, int]]:
    """Addresses behind nginx and without it, and the port where nothing is encrypted."""
    assert NGINX
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    certificate(folder)
    (folder / "reports").mkdir()
    (folder / "reports" / "index.html").write_text("the report")
    for parent in [folder, *folder.parents]:  # nginx's workers are another user
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
        if parent.name.startswith("pytest-of"):
            break
    plain_port, tls_port = free_ports(2)
    with served(trains_dir, "--public") as address:
        config = configuration(folder, address.removeprefix("http://"), plain_port, tls_port)
        subprocess.run([NGINX, "-t", "-q", "-c", config], check=True)
        process = subprocess.Popen([NGINX, "-c", config])
        try:
            transport = httpx.HTTPTransport(retries=10, verify=False)  # waits longer each time
            with httpx.Client(transport=transport) as client:
                client.get(f"https://localhost:{tls_port}/-/ddd/health.json")
            yield f"https://localhost:{tls_port}", address, plain_port
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False) as opened:
        yield opened


@pytest.mark.parametrize(
    "path", ["/-/ddd/", "/-/ddd/workflow", "/-/ddd/deployments", "/metrics/tasks.json?_shape=array"]
)
def test_pages_come_through_as_they_are(site: tuple[str, str, int], client: httpx.Client, path: str) -> None:
    behind, without, _ = site
    answer, original = client.get(behind + path), client.get(without + path)
    assert answer.status_code == 200
    assert answer.text == original.text
    for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "cache-control"):
        assert answer.headers.get(name) == original.headers.get(name), name
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_crowd_is_answered_from_the_cache(site: tuple[str, str, int], client: httpx.Client) -> None:
    path = f"{site[0]}/metrics/projects.json"
    client.get(path)
    again = client.get(path)
    assert again.headers["x-cache"] == "HIT"
    assert client.get(f"{site[0]}/-/ddd/health.json").json()["as_of"]


def test_what_is_not_encrypted_is_led_to_what_is(site: tuple[str, str, int], client: httpx.Client) -> None:
    answer = client.get(f"http://127.0.0.1:{site[2]}/-/ddd/?a=b", headers={"Host": "data3.example.org"})
    assert (answer.status_code, answer.headers["location"]) == (
        301,
        "https://data3.example.org/-/ddd/?a=b",
    )


def test_nothing_can_be_sent(site: tuple[str, str, int], client: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, f"{site[0]}/-/ddd/").status_code == 403


def test_the_report_is_beside_it(site: tuple[str, str, int], client: httpx.Client) -> None:
    assert client.get(f"{site[0]}/reports/").text == "the report"
