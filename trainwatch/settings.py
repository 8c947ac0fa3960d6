"""What the server was told: command line over environment over defaults. The environment is read here alone."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEFAULT_PORT = 62222
ATTEMPTS = "attempts"
"""The folder in the data directory where real jobs have one for each attempt."""

Names = Annotated[tuple[str, ...], NoDecode]
"""Several words; in the environment they are separated by commas."""

_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PUBLIC_URL = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?")


class Settings(BaseSettings):
    """Each field is also the environment variable TRAINWATCH_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="TRAINWATCH_", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on; any but a loopback one needs a credential."
    )
    port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trainwatch", appauthor=False)),
        description="Folder of the database, its backups and the lock.",
    )
    database: str | None = Field(
        None,
        description="Database URL, for example postgresql://user@host/name; SQLite in data_dir if unset.",
    )
    public_url: str | None = Field(
        None, description="Address that people type, if a proxy stands in front; needs a credential."
    )
    browser: bool = Field(default=True, description="Open the page in a browser at start.")
    print_link: bool | None = Field(
        None, description="Print a sign-in link at start; if unset, to a terminal only."
    )
    allow_host: Names = Field(
        (), description="Names by which the server is called besides localhost; needs a credential."
    )
    trust_proxy: Names = Field(
        (), description="Addresses or networks of proxies whose X-Forwarded-For and -Proto are believed."
    )
    require_sign_in: bool = Field(default=False, description="Let nobody in without a sign-in or a key.")
    key_requests_per_minute: int = Field(60_000, ge=1, description="Most requests with one key.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    jobs_at_once: int = Field(
        4, ge=1, description="Most real jobs that run at once; the others wait their turn."
    )

    log_megabytes: int = Field(
        256,
        ge=8,
        le=1 << 20,
        description="Most of what one attempt of a real job prints that is kept, in MiB.",
    )

    @field_validator("allow_host", "trust_proxy", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return (
            [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
        )

    @field_validator("allow_host")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a host; write it without scheme, port and path")
        return value

    @field_validator("port", mode="before")
    @classmethod
    def _not_of_kubernetes(cls, value: object) -> object:
        if isinstance(value, str) and value.startswith("tcp://"):
            raise ValueError(
                f"{value!r} comes from Kubernetes, for a Service called trainwatch: "
                "write `enableServiceLinks: false` in the pod, or set TRAINWATCH_PORT there"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _addressed(cls, value: str | None) -> str | None:
        if value is None or _PUBLIC_URL.fullmatch(value):
            return value and value.rstrip("/").lower()
        raise ValueError(
            f"{value!r} is no address of a server; write https://name or https://name:port, without a path"
        )

    @field_validator("trust_proxy")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which others call the server; that of `public_url` is the first."""
        public = urlsplit(self.public_url or "").hostname
        if public is None or is_loopback(public) or public in self.allow_host:
            return self.allow_host
        return public, *self.allow_host

    @property
    def is_open(self) -> bool:
        """Whether others than this machine may reach the server."""
        return bool(self.names) or not is_loopback(self.host)

    @property
    def log_bytes(self) -> int:
        """How much is kept of the log of one attempt, in bytes."""
        return self.log_megabytes << 20

    @property
    def attempts_dir(self) -> Path:
        """Where real jobs have a folder for each attempt."""
        return self.data_dir / ATTEMPTS

    @property
    def database_path(self) -> Path:
        """The SQLite file that is used when no database URL is set."""
        return self.data_dir / "trainwatch.db"

    @property
    def database_location(self) -> str:
        """The URL or path to open."""
        return self.database or str(self.database_path)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a server is reached, without a slash at the end: by people, and by programs on this machine."""

    public: str
    local: str


def addresses_of(settings: Settings, port: int) -> Addresses:
    """Return where a server that listens on `port` is reached."""
    near = "127.0.0.1" if settings.host in _ANY else settings.host
    public = settings.public_url or _http(settings.names[0] if settings.names else near, port)
    return Addresses(public, _http(near, port))


def _http(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether `host`, an address or "localhost", can be reached from this machine alone."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
