"""For machines that watch this one: `/healthz` and Prometheus `/metrics`."""

import asyncio
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from trainwatch import __version__
from trainwatch.api.http import json_response
from trainwatch.api.operation import Operation
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import Identity
from trainwatch.door.refusal import error_body
from trainwatch.door.rights import Right
from trainwatch.errors import UnavailableError
from trainwatch.services.background import BackgroundLoops, Failure
from trainwatch.services.views import View, time_text
from trainwatch.store.engine import Database
from trainwatch.store.tasks import TaskFilter, count_tasks
from trainwatch.store.writer import Writer

LOOKED_FOR_S = 0.5


class _WriterCollector(Collector):
    """What the writer has done since it started."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def collect(self) -> list[Metric]:
        tally = self._writer.tally
        return [
            CounterMetricFamily("trainwatch_commits", "Transactions committed.", tally.commits),
            CounterMetricFamily("trainwatch_commands", "Commands carried out.", tally.commands),
            CounterMetricFamily(
                "trainwatch_write_failures", "Commands that could not be saved.", tally.failures
            ),
        ]


class _Look:
    """Looks at the database at most once in `LOOKED_FOR_S`, however many ask: strangers may."""

    def __init__(self, read: Callable[[], object]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._looked_at = -LOOKED_FOR_S
        self._trouble: UnavailableError | None = None

    async def __call__(self) -> UnavailableError | None:
        """Return why it cannot be read; None if it can."""
        async with self._lock:
            if time.monotonic() - self._looked_at >= LOOKED_FOR_S:
                try:
                    await asyncio.to_thread(self._read)
                    self._trouble = None
                except UnavailableError as error:
                    self._trouble = error
                self._looked_at = time.monotonic()
            return self._trouble


def health_operations(database: Database, writer: Writer, loops: BackgroundLoops) -> list[Operation]:
    """Return the operations that tell how the server is."""
    registry = CollectorRegistry()
    tasks = Gauge("trainwatch_tasks", "Tasks by state.", ["status"], registry=registry)
    waiting = Gauge("trainwatch_waiting_commands", "Commands that wait to be written.", registry=registry)
    waiting.set_function(lambda: writer.waiting)
    registry.register(_WriterCollector(writer))
    failing = Gauge(
        "trainwatch_background_failures",
        "Failed steps of a background loop since it last succeeded.",
        ["loop"],
        registry=registry,
    )

    def count() -> dict[str, int]:
        with database.reading() as connection:
            return count_tasks(connection, TaskFilter(), now=writer.now())

    look = _Look(count)

    async def healthz(request: Request) -> Response:
        trouble = await look()
        is_well = writer.is_well and trouble is None
        health: View = {"ok": is_well}
        identity: Identity = request.scope[IDENTITY]
        if Right.READ in identity.rights:
            health["version"] = __version__
            health["failing"] = [_failure_view(failure) for failure in loops.failures]
            health["error"] = None if trouble is None else error_body(trouble)["error"]
        return json_response(health, status=200 if is_well else 503)

    async def metrics(request: Request) -> Response:
        for status, number in (await asyncio.to_thread(count)).items():
            tasks.labels(status).set(number)
        failures = {failure.name: failure.times for failure in loops.failures}
        for name in loops.names:
            failing.labels(name).set(failures.get(name, 0))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [
        Operation(
            "GET /healthz", healthz, right=Right.ENTER, summary="Whether the server can read and write."
        ),
        Operation("GET /metrics", metrics, right=Right.READ, summary="Figures for Prometheus."),
    ]


def _failure_view(failure: Failure) -> View:
    return {
        "loop": failure.name,
        "reason": failure.reason,
        "since": time_text(failure.since),
        "times": failure.times,
    }
