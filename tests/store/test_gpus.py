from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, update

from trainwatch.domain.report import GpuReading
from trainwatch.store.gpus import Gpu, list_gpus
from trainwatch.store.tables import GPUS

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LATER = NOW.replace(hour=13)


def test_a_reading_changes_what_it_says_and_leaves_the_rest():
    before = Gpu(id=1, name="A100", utilization_percent=5.0, temperature_celsius=60.0, sampled_at=NOW)
    after = before.read(GpuReading(utilization_percent=0.0, memory_used_bytes=1), at=LATER)
    assert after == replace(before, utilization_percent=0.0, memory_used_bytes=1, sampled_at=LATER)


def test_a_reading_that_says_nothing_is_no_news():
    gpu = Gpu(id=1, name="A100", sampled_at=NOW)
    assert gpu.read(GpuReading(), at=LATER) is gpu


def test_a_gpu_comes_back_as_it_was_written(database):
    gpu = Gpu(
        id=1,
        name="H100",
        host="node-1",
        uuid="GPU-1",
        utilization_percent=97.5,
        memory_used_bytes=2**40,
        memory_total_bytes=2**41,
        temperature_celsius=70.0,
        power_watts=699.9,
        sampled_at=NOW,
        revision=3,
    )
    with database.writing() as connection:
        connection.execute(insert(GPUS).values(name="H100", host="node-1", revision=0, created_at=NOW))
        connection.execute(insert(GPUS).values(name="A100", host="node-1", revision=0, created_at=NOW))
        connection.execute(update(GPUS).where(GPUS.c.id == bindparam("gpu_id")), [gpu.row()])
        connection.commit()
    with database.reading() as connection:
        assert list_gpus(connection) == [Gpu(id=2, name="A100", host="node-1"), gpu]
