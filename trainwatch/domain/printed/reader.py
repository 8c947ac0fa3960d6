"""The reader: line by line, what a job prints becomes observations."""

from collections.abc import Iterator, Mapping
from itertools import chain
from math import isfinite

from trainwatch.domain.printed import failures
from trainwatch.domain.printed.course import Course
from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import text_of
from trainwatch.domain.printed.reading import Reading
from trainwatch.domain.printed.rules import GENERAL, RULES, rules_for, shape_of
from trainwatch.domain.printed.sieve import speaking
from trainwatch.domain.printed.tables import BoostingTable, FastaiTable
from trainwatch.domain.printed.ultralytics import Ultralytics

LONGEST_LINE = 4096
"""Characters of a line that may be read, unless it is JSON."""
_NAMES_KEPT = 1024
_BARS = frozenset({"tqdm", "rich"})
_NAMES_AS_THEY_ARE = frozenset({"ultralytics"})
_VALIDATION_NAMES = ("val", "test", "eval", "dev")
RULE_NAMES = tuple(dict.fromkeys(("failure", "ultralytics", "fastai", *(rule.name for rule in RULES))))
"""The names under which `Observation.rule` tells what understood a line."""


class Reader:
    """Reads the lines of one attempt of a job, in order and from its first.

    Give it what `passes.Passes` make of bytes: what each line said each time that it was printed. It remembers which
    rules spoke, the epoch and the headers that the lines before named, so one reader serves one job.
    """

    def __init__(self) -> None:
        self._failures = failures.Failures()
        self._course = Course()
        self._ultralytics, self._fastai, self._boosting = Ultralytics(), FastaiTable(), BoostingTable()
        self._tables = (
            ("ultralytics", self._ultralytics.read),
            ("fastai", self._fastai.read),
            ("scikit-learn", self._boosting.read),
        )
        self._taken: set[str] = set()  # names that a specific rule has given
        self._epochs_by: str | None = None
        self._steps_by: str | None = None
        self._shown: dict[str, float] = {}
        self._held: tuple[str, Mapping[str, float]] | None = None
        self._channel = 0

    def read(self, block: bytes, channel: int = 0) -> Iterator[Observation]:
        """Yield what the lines of a block (`Passes.take`) say: what `feed` would of each, but most are never looked at."""
        self._channel = channel
        lines, shapes = block.split(b"\n"), shape_of(block).split(b"\n")
        in_table = self._in_table
        says = speaking(shapes, in_table=in_table)
        if not says and not self._minds_every_line:
            return
        hits = chain((number for number, shape in enumerate(shapes) if shape in says), (len(lines),))
        hit, number = next(hits), 0
        while number < len(lines):
            if not self._minds_every_line and self._in_table is in_table:
                number = hit
                if number == len(lines):
                    return
            line = text_of(lines[number])
            observation = None if line is None else self._read(line, shapes[number])
            if observation is not None:
                yield observation
            number += 1
            while hit < number:
                hit = next(hits)

    def feed(self, line: str, channel: int = 0) -> Observation | None:
        """Return what a `line` on that channel says, None if nothing; never raises.

        What the Hugging Face Trainer prints is held until the next line if there is a bar, for only that says at
        which step it was.
        """
        self._channel = channel
        return self._read(line, shape_of(line.encode(errors="replace")))

    def flush(self) -> Observation | None:
        """Return what is still held; when the job has ended, or is quiet."""
        return None if self._held is None else self._release(None)

    def lose(self) -> None:
        """Go on behind lines that are missing."""
        self._course.lose()

    @property
    def needs_no_past(self) -> bool:
        """Whether the next lines say how far the job is also to one who missed some before them."""
        return self._course.needs_no_past

    @property
    def _in_table(self) -> bool:
        return self._ultralytics.has_header or self._fastai.has_header

    @property
    def _minds_every_line(self) -> bool:
        """Whether also a line that says nothing changes what the next one means."""
        return self._held is not None or self._failures.is_in_traceback or self._boosting.is_open

    def _read(self, line: str, shape: bytes) -> Observation | None:
        if len(line) > LONGEST_LINE and not line.endswith("}"):
            return None
        found = self._understood(line, shape)
        if self._held is not None:
            return self._release(found)
        return None if found is None else self._observed(*found)

    def _understood(self, line: str, shape: bytes) -> "tuple[str, Reading] | None":
        was_in_traceback = self._failures.is_in_traceback
        if was_in_traceback or _has_any(line, failures.MARKS):
            failure = self._failures.read(line)
            if failure is not None:
                return "failure", failure
            if was_in_traceback and line[:1].isspace():
                return None
        for name, read in self._tables:
            reading = read(line)
            if reading is not None:
                return name, reading
        for rule in rules_for(shape):
            reading = rule.read(line)
            if reading is not None:
                return rule.name, reading
        return None

    def _release(self, found: "tuple[str, Reading] | None") -> Observation | None:
        """Return what was held, at the step of the bar on the next line or else where the job stood."""
        assert self._held is not None
        (rule, metrics), self._held = self._held, None
        at_bar = found is not None and found[0] != rule and found[1].failure is None
        if at_bar and found is not None and found[1].scope in ("unsaid", "run"):
            bar = self._observed(*found)
            return self._observation(
                rule, {**(bar.metrics if bar else {}), **metrics}, bar and bar.eta_seconds
            )
        held = self._observation(rule, metrics)
        if found is None or found[1].scope == "aside":
            return held
        next_one = self._observed(*found)
        if next_one is None:
            if self._held is not None and not metrics.keys() & self._held[1].keys():
                self._held = (rule, {**metrics, **self._held[1]})
                return None
            return held
        return self._observation(rule, {**next_one.metrics, **metrics}, next_one.eta_seconds)

    def _observed(self, rule: str, reading: Reading) -> Observation | None:
        if reading.failure is not None:
            return Observation(rule=rule, failure=reading.failure)
        reading = self._without_what_is_known_better(rule, reading)
        if not self._course.move(reading, self._channel):
            return None
        metrics = self._news(rule, reading)
        self._remember(rule, reading)
        if reading.scope == "validation" and not metrics:
            return None
        if rule == "huggingface" and metrics and self._course.has_bar:
            self._held = (rule, metrics)
            return None
        eta = reading.eta_seconds
        if eta is not None and not (isfinite(eta) and self._course.is_of_the_run(reading)):
            eta = None
        observation = self._observation(rule, metrics, eta)
        return observation if metrics or _says_where(reading) else None

    def _observation(self, rule: str, metrics: Mapping[str, float], eta: float | None = None) -> Observation:
        course = self._course
        return Observation(
            rule=rule,
            metrics=metrics,
            step=course.step,
            total_steps=course.total_steps,
            epoch=course.epoch,
            total_epochs=course.total_epochs,
            progress=course.progress(),
            eta_seconds=eta,
        )

    def _without_what_is_known_better(self, rule: str, reading: Reading) -> Reading:
        """Return what a line of no program in particular adds to what a specific rule has said."""
        if rule != GENERAL:
            return reading
        metrics = {name: value for name, value in reading.metrics.items() if name not in self._taken}
        if len(metrics) != len(reading.metrics):
            reading = reading._replace(metrics=metrics)
        if reading.done is not None and self._steps_by not in (None, rule) and not self._course.is_open:
            reading = reading._replace(done=None, total=None)
        if reading.epoch is not None and self._epochs_by not in (None, rule):
            reading = reading._replace(epoch=None, last_epoch=None)
        return reading

    def _news(self, rule: str, reading: Reading) -> Mapping[str, float]:
        """Return the metrics of `reading`, those of a validation named so, those that a bar only repeats left out."""
        metrics = reading.metrics
        if not metrics:
            return metrics
        if reading.scope == "validation":
            metrics = {
                name
                if name.startswith(_VALIDATION_NAMES) or rule in _NAMES_AS_THEY_ARE
                else f"val_{name}": value
                for name, value in metrics.items()
            }
        if rule not in _BARS:
            return metrics
        news = {
            name: value
            for name, value in metrics.items()
            if not (name.startswith(_VALIDATION_NAMES) and self._shown.get(name) == value)
        }
        if len(self._shown) < _NAMES_KEPT:
            self._shown.update(news)
        return news

    def _remember(self, rule: str, reading: Reading) -> None:
        if rule != GENERAL and len(self._taken) < _NAMES_KEPT:
            self._taken.update(reading.metrics)
        if reading.done is not None:
            self._steps_by = rule
        if reading.epoch is not None or reading.epochs_passed is not None or reading.scope == "epochs":
            self._epochs_by = rule


def _says_where(reading: Reading) -> bool:
    return reading.scope != "validation" and (
        reading.done is not None
        or reading.epoch is not None
        or reading.total_epochs is not None
        or reading.epochs_passed is not None
        or reading.fraction is not None
        or reading.eta_seconds is not None
    )


def _has_any(line: str, marks: "tuple[str, ...]") -> bool:
    for mark in marks:  # noqa: SIM110 - any() takes twice as long
        if mark in line:
            return True
    return False
