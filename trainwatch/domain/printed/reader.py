"""The reader: line by line, what a job prints becomes observations."""

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import NamedTuple

from trainwatch.domain.printed import (
    bars,
    boosting,
    deepspeed,
    examples,
    huggingface,
    json_lines,
    keras,
    lines,
    megatron,
    rich_bars,
    sklearn,
)
from trainwatch.domain.printed.course import Course
from trainwatch.domain.printed.failures import Failures
from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.reading import Reading
from trainwatch.domain.printed.tables import BoostingTable, FastaiTable
from trainwatch.domain.printed.ultralytics import Ultralytics

LONGEST_LINE = 4096
"""Characters of a line that may be read, unless it is JSON."""
_NAMES_KEPT = 1024
_GENERAL = "text"
_BARS = frozenset({"tqdm", "rich"})
_NAMES_AS_THEY_ARE = frozenset({"ultralytics"})
_WORD = re.compile("[a-z][a-z0-9]*")
_FAILURE_MARKS = ("rror", "Traceback", "xception", "memory", "illed", " fault", "Abort", "erminate")
_VALIDATION_NAMES = ("val", "test", "eval", "dev")


class _Rule(NamedTuple):
    """One family of lines; asked only about a line with one of its words (lower case) or marks."""

    name: str
    read: Callable[[str], Reading | None]
    words: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()


class Reader:
    """Reads the lines of one attempt of a job, in order and from its first.

    Feed it `passes.Passes`: what each line said each time that it was printed. It remembers which rules spoke,
    the epoch and the headers that the lines before named, so one reader serves one job.
    """

    def __init__(self) -> None:
        self._failures = Failures()
        self._course = Course()
        self._tables = (
            _Rule("ultralytics", Ultralytics().read),
            _Rule("fastai", FastaiTable().read),
            _Rule("scikit-learn", BoostingTable().read),
        )
        self._taken: set[str] = set()  # names that a specific rule has given
        self._epochs_by: str | None = None
        self._steps_by: str | None = None
        self._shown: dict[str, float] = {}
        self._held: tuple[str, Mapping[str, float]] | None = None

    def feed(self, line: str) -> Observation | None:
        """Return what `line` says, None if nothing; never raises.

        What the Hugging Face Trainer prints is held until the next line if there is a bar, for only that says at
        which step it was.
        """
        if len(line) > LONGEST_LINE and not line.endswith("}"):
            return None
        found = self._understood(line)
        if self._held is not None:
            return self._release(found)
        return None if found is None else self._observed(*found)

    def flush(self) -> Observation | None:
        """Return what is still held; when the job has ended, or is quiet."""
        return None if self._held is None else self._release(None)

    def _understood(self, line: str) -> "tuple[str, Reading] | None":
        failures = self._failures
        if failures.is_in_traceback or _has_any(line, _FAILURE_MARKS):
            was_in_traceback = failures.is_in_traceback
            failure = failures.read(line)
            if failure is not None:
                return "failure", failure
            if was_in_traceback and line[:1].isspace():
                return None
        for rule in self._tables:
            reading = rule.read(line)
            if reading is not None:
                return rule.name, reading
        return _asked(line)

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
        if not self._course.move(reading):
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
        if rule != _GENERAL:
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
        if rule != _GENERAL and len(self._taken) < _NAMES_KEPT:
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


_RULES = (
    _Rule("tqdm", bars.read, marks=bars.MARKS),
    _Rule("keras", keras.read, marks=keras.MARKS),
    _Rule("rich", rich_bars.read, marks=rich_bars.MARKS),
    _Rule("huggingface", huggingface.read, words=huggingface.WORDS),
    _Rule("boosting", boosting.read, marks=boosting.MARKS),
    _Rule("scikit-learn", sklearn.read, words=sklearn.WORDS),
    _Rule("pytorch", examples.read, words=examples.WORDS),
    _Rule("megatron", megatron.read, words=megatron.WORDS),
    _Rule("deepspeed", deepspeed.read, words=deepspeed.WORDS),
    _Rule("json", json_lines.read, marks=json_lines.MARKS),
    _Rule(_GENERAL, lines.read, words=lines.WORDS, marks=lines.MARKS),
)
RULE_NAMES = tuple(dict.fromkeys(("failure", "ultralytics", "fastai", *(rule.name for rule in _RULES))))
"""The names under which `Observation.rule` tells what understood a line."""
_ANY_WORD = frozenset[str]().union(*(rule.words for rule in _RULES))
_ANY_MARK = tuple(dict.fromkeys(mark for rule in _RULES for mark in rule.marks))


def _asked(line: str) -> "tuple[str, Reading] | None":
    """Return what the first rule that understands `line` makes of it, the most specific first."""
    words = _WORD.findall(line.lower())
    has_word = not _ANY_WORD.isdisjoint(words)
    if not has_word and not _has_any(line, _ANY_MARK):
        return None
    for rule in _RULES:
        if (has_word and not rule.words.isdisjoint(words)) or _has_any(line, rule.marks):
            reading = rule.read(line)
            if reading is not None:
                return rule.name, reading
    return None


def _has_any(line: str, marks: "tuple[str, ...]") -> bool:
    for mark in marks:  # noqa: SIM110 - any() takes twice as long, and this is asked of every line
        if mark in line:
            return True
    return False
