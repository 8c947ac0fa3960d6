"""nginx and Caddy with TLS in front of a server, configured as the documentation says, or with a line less."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.plugins.server import free_port

NAME = "lab.localhost"
"""A name that browsers take for this machine without asking anybody."""

DOCUMENTED_NAME = "trainwatch.example.org"

_READY_WITHIN_S = 15.0
_SECURITY = Path(__file__).parents[2] / "SECURITY.md"

_NGINX = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""
_CADDY = """
{{
    admin off
    auto_https disable_redirects
    https_port {port}
    skip_install_trust
    storage file_system {folder}
}}
{site}
"""


def find_nginx() -> Path | None:
    """Return nginx, which is no command of a user's PATH everywhere, or None."""
    found = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")
    return Path(found) if found else None


def find_caddy() -> Path | None:
    """Return Caddy, or None."""
    found = shutil.which("caddy")
    return Path(found) if found else None


def documented(kind: str) -> str:
    """Return the configuration of "nginx" or "Caddy" in SECURITY.md."""
    pattern = {"nginx": r"```nginx\n(.*?)```", "Caddy": r"\nCaddy does .*?```\n(.*?)```"}[kind]
    found = re.search(pattern, _SECURITY.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@contextlib.contextmanager
def nginx(site: str, server_url: str, folder: Path) -> Iterator[str]:
    """Run nginx with the documented or a changed `site` in front of `server_url`; gives its address."""
    port = free_port()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    _sign(key, certificate)
    for documented_word, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/trainwatch.pem": str(certificate),
        "/etc/ssl/trainwatch.key": str(key),
    }.items():
        assert documented_word in site
        site = site.replace(documented_word, ours)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, site=_of_ours(site, server_url)))
    program = find_nginx()
    assert program, "no nginx: run `python -m tests.plugins.programs install`"
    with _running([str(program), "-c", str(config), "-e", str(folder / "error.log")], port):
        yield f"https://{NAME}:{port}"


@contextlib.contextmanager
def caddy(site: str, server_url: str, folder: Path) -> Iterator[str]:
    """Run Caddy in the same way; its certificate is its own."""
    port = free_port()
    config = folder / "Caddyfile"
    config.write_text(_CADDY.format(port=port, folder=folder, site=_of_ours(site, server_url)))
    program = find_caddy()
    assert program, "no Caddy: run `python -m tests.plugins.programs install`"
    with _running([str(program), "run", "--adapter", "caddyfile", "--config", str(config)], port):
        yield f"https://{NAME}:{port}"


def _of_ours(site: str, server_url: str) -> str:
    assert DOCUMENTED_NAME in site
    assert "127.0.0.1:62222" in site
    return site.replace(DOCUMENTED_NAME, NAME).replace("127.0.0.1:62222", server_url.removeprefix("http://"))


def _sign(key: Path, certificate: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not _listens(port):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=_READY_WITHIN_S)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
