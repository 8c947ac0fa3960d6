"""What the server was told: command line over environment over defaults. The environment is read here alone."""

import ipaddress
from functools import lru_cache
from pathlib import Path

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trainwatch.errors import SettingsError

DEFAULT_PORT = 62222


class Settings(BaseSettings):
    """Each field is also the environment variable TRAINWATCH_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="TRAINWATCH_", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on; a loopback address.")
    port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("trainwatch", appauthor=False)),
        description="Folder of the database, its backups and the lock.",
    )
    database: str | None = Field(
        None,
        description="Database URL, for example postgresql://user@host/name; SQLite in data_dir if unset.",
    )
    browser: bool = Field(default=True, description="Open the page in a browser at start.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def database_path(self) -> Path:
        """The SQLite file that is used when no database URL is set."""
        return self.data_dir / "trainwatch.db"

    @property
    def database_location(self) -> str:
        """The URL or path to open."""
        return self.database or str(self.database_path)


def require_loopback(host: str) -> None:
    """Refuse to listen where others could reach the server.

    Raises:
        SettingsError: If `host` is not a loopback address.
    """
    if is_loopback(host):
        return
    raise SettingsError(
        f"refusing to listen on {host}: there is no sign-in yet, so anyone who reaches this address could use it. "
        "Listen on 127.0.0.1 and use an SSH tunnel: ssh -L 62222:127.0.0.1:62222 <this machine>",
        field="host",
    )


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether `host`, an address or "localhost", can be reached from this machine alone."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
