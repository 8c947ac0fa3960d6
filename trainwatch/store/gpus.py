"""GPUs as they were last heard of."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from trainwatch.domain.report import GpuReading
from trainwatch.store.tables import GPUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """Units are in the names; None means nobody said. `host` is "" when unknown."""

    id: int
    name: str
    host: str = ""
    uuid: str | None = None
    utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None
    sampled_at: datetime | None = None
    revision: int = 0

    def read(self, reading: GpuReading, *, at: datetime) -> "Gpu":
        """Return the GPU after `reading`; what it leaves out stays as it was."""
        said = {name: value for name, value in asdict(reading).items() if value is not None}
        return replace(self, **said, sampled_at=at) if said else self

    def row(self) -> dict[str, Any]:
        """Return what changes, by column, and the id as `gpu_id`."""
        return {
            "gpu_id": self.id,
            "uuid": self.uuid,
            "utilization_percent": self.utilization_percent,
            "memory_used_bytes": self.memory_used_bytes,
            "memory_total_bytes": self.memory_total_bytes,
            "temperature_celsius": self.temperature_celsius,
            "power_watts": self.power_watts,
            "sampled_at": self.sampled_at,
            "revision": self.revision,
        }


def gpu_from_row(row: Row[Any]) -> Gpu:
    """Return the GPU in a row of `select(GPUS)`."""
    return Gpu(
        id=row.id,
        name=row.name,
        host=row.host,
        uuid=row.uuid,
        utilization_percent=row.utilization_percent,
        memory_used_bytes=row.memory_used_bytes,
        memory_total_bytes=row.memory_total_bytes,
        temperature_celsius=row.temperature_celsius,
        power_watts=row.power_watts,
        sampled_at=row.sampled_at,
        revision=row.revision,
    )


def list_gpus(connection: Connection) -> list[Gpu]:
    """Return every GPU, by host and name."""
    query = select(GPUS).order_by(GPUS.c.host, GPUS.c.name, GPUS.c.id)
    return [gpu_from_row(row) for row in connection.execute(query)]
