"""What a report may say of its GPU: the smaller table."""

from typing import Any

from trainwatch.domain.field import Field, Parser, Schema, spellings_of, unless_unknown
from trainwatch.domain.metrics import parse_object
from trainwatch.domain.number import LARGEST_WHOLE, parse_number
from trainwatch.domain.report import GpuReading
from trainwatch.errors import InvalidReportError


def _between(low: float, high: float) -> Parser:
    def parsed(raw: object, field: str) -> float:
        number = parse_number(raw, field)
        if not low <= number <= high:
            raise InvalidReportError(f"{field} must be from {low:g} to {high:g}", field=field)
        return number

    return unless_unknown(parsed)


def _whole_bytes(raw: object, field: str) -> int:
    """Return bytes that were worked out from other units, without the fraction that this leaves."""
    number = parse_number(raw, field)
    if not 0 <= number <= LARGEST_WHOLE:
        raise InvalidReportError(f"{field} must be from 0 to {LARGEST_WHOLE}", field=field)
    return int(number)


def parse_gpu(raw: object, field: str) -> GpuReading | None:
    """Return what the object `raw` says, None if nothing.

    Raises:
        InvalidReportError: If it is no object, or a value no number or out of range.
    """
    found: dict[str, Any] = {}
    for key, value in parse_object(raw, field).items():
        spelling = _SPELLINGS.get(key)
        if value is not None and spelling is not None:
            parsed = spelling.parse(value, f"{field}.{key}")
            if parsed is not None:
                found[spelling.key] = parsed
    return GpuReading(**found) if found else None


_BYTE_COUNT = unless_unknown(_whole_bytes)
_BYTES: Schema = {"type": ["number", "string"], "minimum": 0, "maximum": LARGEST_WHOLE}
_FIELDS: tuple[Field, ...] = (
    Field(
        "utilization",
        _between(0, 100),
        {"type": "number", "minimum": 0, "maximum": 100},
        "In percent.",
        ("utilizationPercent",),
        "utilization_percent",
    ),
    Field(
        "memoryUsed",
        _BYTE_COUNT,
        _BYTES,
        "In bytes.",
        ("memoryUsedBytes",),
        "memory_used_bytes",
    ),
    Field(
        "memoryTotal",
        _BYTE_COUNT,
        _BYTES,
        "In bytes.",
        ("memoryTotalBytes",),
        "memory_total_bytes",
    ),
    Field(
        "temperature",
        _between(-100, 1000),
        {"type": "number", "minimum": -100, "maximum": 1000},
        "In degrees Celsius.",
        ("temperatureCelsius",),
        "temperature_celsius",
    ),
    Field(
        "power",
        _between(0, 100_000),
        {"type": "number", "minimum": 0, "maximum": 100_000},
        "In watts.",
        ("powerWatts",),
        "power_watts",
    ),
)
_SPELLINGS = spellings_of(_FIELDS)
GPU_SCHEMA: Schema = {
    "type": "object",
    "properties": {each.name: {**each.schema, "description": each.about} for each in _FIELDS},
}
