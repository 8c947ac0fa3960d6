"""Ultralytics' tables: a header, then rows that are bars too; the same for YOLOv5."""

import re

from trainwatch.domain.printed.numbers import NUMBER, VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

MARK = "gpu_mem"
"""What the first header has, in whatever case."""

_TRAINING_HEADER = re.compile(r"\s{0,40}Epoch\s{1,40}gpu_mem\s{1,40}(.{1,300})", re.IGNORECASE)
_VALIDATION_HEADER = re.compile(r"\s{0,40}(?:Class\s{1,40}Images|classes\s{1,40})(.{1,300})")
_ROW = re.compile(
    rf"\s{{0,40}}(?P<epoch>[0-9]{{1,16}})/(?P<last>[0-9]{{1,16}})\s{{1,40}}[0-9.]{{1,16}}[GM]?B?(?P<values>(?:\s{{1,40}}{VALUE}){{1,20}})"
    rf"(?:\s{{0,40}}…)?(?::?\s{{1,40}}[0-9]{{1,3}}%[^0-9]*(?P<done>[0-9]{{1,16}})/(?P<total>[0-9]{{1,16}}))?"
)
_ALL = re.compile(rf"\s{{0,40}}all((?:\s{{1,40}}{NUMBER}){{2,20}})\s{{0,40}}")
_ENDS = ("instances", "labels", "img_size", "size")
_SPELT = {"P": "precision", "R": "recall", "mAP@.5": "mAP50", "mAP@.5:.95": "mAP50-95"}
_COUNTS = frozenset({*_ENDS, "images", "targets"})


class Ultralytics:
    """Remembers the columns of the last headers."""

    def __init__(self) -> None:
        self._losses: tuple[str, ...] | None = None
        self._scores: tuple[str, ...] = ()

    @property
    def has_header(self) -> bool:
        """Whether rows may follow."""
        return self._losses is not None

    def read(self, line: str) -> Reading | None:
        """Return what a row says; a header is remembered and says nothing."""
        if not self.has_header and MARK not in line and "GPU_mem" not in line:
            return None
        header = _TRAINING_HEADER.match(line)
        if header:
            columns = header[1].split()
            self._losses = tuple(column for column in columns if column.lower() not in _ENDS)
            return None
        return self._training(line) or self._validation(line)

    def _training(self, line: str) -> Reading | None:
        row = _ROW.match(line)
        if row is None or self._losses is None:
            return None
        values = [value_of(value) for value in row["values"].split()]
        metrics = {
            name: value for name, value in zip(self._losses, values, strict=False) if value is not None
        }
        return Reading(
            metrics=metrics,
            scope="epoch",
            done=whole(row["done"] or ""),
            total=whole(row["total"] or ""),
            counter="ultralytics",
            epoch=whole(row["epoch"]),
            last_epoch=whole(row["last"]),
        )

    def _validation(self, line: str) -> Reading | None:
        header = _VALIDATION_HEADER.match(line)
        if header:
            self._scores = _scores(header[1])
            return Reading(scope="aside")
        row = _ALL.fullmatch(line)
        values = row[1].split() if row else []
        if len(values) - len(self._scores) not in (0, 2) or not self._scores:
            return None
        metrics = {
            name: value
            for name, text in zip(self._scores, values[-len(self._scores) :], strict=True)
            if (value := value_of(text)) is not None
        }
        return Reading(metrics=metrics, scope="validation")


def _scores(columns: str) -> "tuple[str, ...]":
    """Return names for the columns "Box(P R mAP50 mAP50-95) Mask(P …", without the counts before them."""
    if "…" in columns:  # cut to the width of the terminal
        return ("precision", "recall", "mAP50", "mAP50-95") if "Box(P" in columns else ()
    names: list[str] = []
    group = ""
    for column in columns.split(":  ")[0].split("): ")[0].split():
        kind, opened, first = column.rpartition("(")
        if opened:
            group = "" if kind == "Box" else f"{kind.lower()}_"
        name = first.rstrip("):")
        if name.lower() not in _COUNTS and name[:1].isalpha():
            names.append(group + _SPELT.get(name, name))
    return tuple(names)
