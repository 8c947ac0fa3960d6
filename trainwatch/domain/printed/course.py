"""Where a job stands: bars within bars, epochs and steps, put together to one way from start to end."""

from dataclasses import dataclass
from math import ceil

from trainwatch.domain.printed.reading import Reading

_BARS_KEPT = 64
_LARGEST = 2**53 - 1


@dataclass(slots=True)
class _Bar:
    """How far one counter has come."""

    done: int = 0
    total: int | None = None
    gave_metrics: bool = False

    @property
    def is_full(self) -> bool:
        return self.total is not None and self.done >= self.total


class Course:
    """Follows one job; what it has learnt decides what the next numbers mean.

    A counter that starts again is counted on, so `step` only grows. Progress is known while it is known how
    much there is: of a bar that starts again and again, with no epochs around it, it is not.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.total_epochs: int | None = None
        self._counts_from_zero = False
        self._steps_before = 0  # of the epochs or rounds that are over
        self._count: _Bar | None = None  # the counter that moves the job
        self._count_epoch: int | None = None  # the epoch in which it last moved
        self._is_whole_run = False
        self._has_restarted = False
        self._bars: dict[str, _Bar] = {}
        self._main: str | None = None
        self._outer: str | None = None
        self._fraction: float | None = None
        self._way: object = None
        self._best: float | None = None

    @property
    def step(self) -> int | None:
        """The step in the whole run; where only epochs are counted, they are the steps."""
        if self._count is None:
            return self._outer_bar.done if self._outer_bar else None
        step = self._steps_before + self._count.done
        return step if step <= _LARGEST else None

    @property
    def total_steps(self) -> int | None:
        """How many steps the whole run has."""
        if self._count is None:
            return self._outer_bar.total if self._outer_bar else None
        total = self._count.total
        if total is None or self._has_restarted:
            return None
        if self._spans_the_run:
            return total
        many = total * self.total_epochs if self.total_epochs else None
        return many if many is not None and many <= _LARGEST else None

    @property
    def has_bar(self) -> bool:
        """Whether a bar draws the way of this job."""
        return self._main is not None and self._main in self._bars

    @property
    def needs_no_past(self) -> bool:
        """Whether lines say where they are in the whole run: by steps that are those of the run, or by named epochs."""
        return not self._has_restarted and (self._is_whole_run or self.epoch is not None)

    @property
    def is_open(self) -> bool:
        """Whether no counter has moved this job yet, or only one that is full and said nothing of training."""
        return self._count is None or (
            self._count.is_full and not self._count.gave_metrics and self.epoch is None
        )

    @property
    def _outer_bar(self) -> _Bar | None:
        return self._bars.get(self._outer) if self._outer is not None else None

    @property
    def _spans_the_run(self) -> bool:
        return self._is_whole_run or (self.epoch is None and not self._has_restarted)

    def progress(self) -> float | None:
        """Return how much of the run is done; it never falls while it is worked out the same way."""
        way, fraction = self._worked_out()
        if fraction is None:
            return None
        fraction = min(max(fraction, 0.0), 1.0)
        if way != self._way or self._best is None:
            self._way, self._best = way, fraction
        self._best = max(self._best, fraction)
        return self._best

    def move(self, reading: Reading) -> bool:
        """Take `reading` in; return whether it is about training (also where it moves nothing)."""
        if reading.scope in ("validation", "aside"):
            return reading.scope == "validation"
        if reading.scope == "run" and reading.done is None:
            self._settle_on_one_run()
        if reading.fraction is not None:
            self._fraction = reading.fraction
        if reading.total_epochs is not None:
            self.total_epochs = reading.total_epochs
        if reading.epochs_passed is not None and 0 <= reading.epochs_passed <= _LARGEST:
            self.epoch = max(1, ceil(reading.epochs_passed))
        if reading.epoch is not None:
            self._name_epoch(reading.epoch, reading.last_epoch)
        if reading.done is not None:
            return self._move_counter(reading, reading.done)
        return True

    def is_of_the_run(self, reading: Reading) -> bool:
        """Whether the time left that `reading` says is that of the whole run."""
        if reading.scope == "epochs" or (self._outer is not None and reading.counter == self._outer):
            return True
        return reading.scope in ("unsaid", "run") and self._spans_the_run

    def _worked_out(self) -> "tuple[object, float | None]":
        count = self._count
        if self._fraction is not None:
            return "said", self._fraction
        if self._has_restarted:
            return None, None
        share = count.done / count.total if count and count.total else None
        if self._spans_the_run and (share is not None or not self._is_whole_run):
            return ("run", self._main, count.total if count else None), share
        if self.total_epochs and self.epoch is not None:
            within = share if share is not None and self._count_epoch == self.epoch else 0.0
            passed = max(self.epoch - 1 + min(within, 1.0), self._outer_bar.done if self._outer_bar else 0)
            return ("epochs", self.total_epochs), passed / self.total_epochs
        return None, None

    def _settle_on_one_run(self) -> None:
        """Believe that the first counter is that of the whole run, whatever was taken for it since."""
        if self._outer is not None:
            self._main, self._outer = self._outer, None
            self._count = self._bars.get(self._main)
            self.epoch = self.total_epochs = None
        self._is_whole_run = True
        self._steps_before, self._has_restarted = 0, False

    def _name_epoch(self, number: int, last: int | None) -> None:
        if self.epoch is None:
            self._counts_from_zero = number == 0
            if self.is_open:
                self._forget_counter()
        shown = number + self._counts_from_zero
        if last is not None and last >= 1:
            self.total_epochs = max(last + self._counts_from_zero, shown)
        if self.epoch is not None and shown < self.epoch and not self._is_whole_run:
            self._has_restarted = True  # another fold or trial: how many come is not known
        self.epoch = min(shown, _LARGEST)

    def _forget_counter(self) -> None:
        self._count = self._main = None
        self._steps_before, self._has_restarted = 0, False

    def _move_counter(self, reading: Reading, done: int) -> bool:
        name = reading.counter
        bar = self._bars.get(name)
        if bar is None:
            bar = self._new_bar(name, done, reading)
        if reading.scope == "epochs" or name == self._outer:
            self._move_epochs(name, bar, done, reading.total)
        elif (
            name != self._main
            and reading.scope in ("epoch", "run")
            and (self._main is None or reading.scope == "epoch")
        ):
            self._main, self._count = name, None
            self._move_steps(bar, done, reading)
        elif name == self._main:
            return self._move_steps(bar, done, reading)
        else:
            bar.done, bar.total = done, reading.total
            return False
        return True

    def _new_bar(self, name: str, done: int, reading: Reading) -> _Bar:
        """Decide what a counter is that was not seen before: the one, one within it, one after it, or neither."""
        if len(self._bars) >= _BARS_KEPT:
            self._bars = {key: kept for key, kept in self._bars.items() if key in (self._main, self._outer)}
        bar = self._bars[name] = _Bar(done=done, total=reading.total)
        if reading.scope == "epochs":
            return bar
        main = self._bars.get(self._main) if self._main is not None else None
        if main is None:
            self._main = name
        elif (
            self._outer is None
            and self.epoch is None
            and main.done == 0
            and main.total
            and not self._is_whole_run
        ):
            self._outer, self._main, self._count = self._main, name, None
            self.epoch, self.total_epochs = 1, main.total
        elif self.is_open and main.is_full and not self._is_whole_run:
            self._forget_counter()
            self._main = name
        return bar

    def _move_epochs(self, name: str, bar: _Bar, done: int, total: int | None) -> None:
        if self._main == name:
            self._main = self._count = None
        self._outer = name
        self._has_restarted |= done < bar.done
        if total:
            self.total_epochs = total
            # the bar within may have begun the next epoch before the bar around it was drawn
            self.epoch = min(max(done + 1, 1 if done < bar.done else self.epoch or 1), total)
        bar.done, bar.total = done, total

    def _move_steps(self, bar: _Bar, done: int, reading: Reading) -> bool:
        last = self._count
        if last is None:
            self._begin(bar, done, reading)
        elif not self._moves_on(last, done, reading):
            return False
        total = bar.total if reading.total is None else reading.total
        bar.done, bar.total = done, None if total is not None and done > total else total
        bar.gave_metrics |= bool(reading.metrics)
        self._count, self._count_epoch = bar, self.epoch
        return True

    def _begin(self, bar: _Bar, done: int, reading: Reading) -> None:
        self._is_whole_run = self._is_whole_run or reading.scope == "run"
        self._steps_before = 0
        if self.epoch and not self._is_whole_run and reading.total:
            self._steps_before = (self.epoch - 1) * reading.total

    def _moves_on(self, last: _Bar, done: int, reading: Reading) -> bool:
        is_new_epoch = self.epoch != self._count_epoch
        if self._is_whole_run or reading.scope == "run":
            self._is_whole_run = True
            return done >= last.done
        is_beyond = last.total is not None and done > last.total
        if (
            is_new_epoch
            and reading.scope == "unsaid"
            and done > last.done
            and (is_beyond or not last.is_full)
        ):
            self._is_whole_run, self._steps_before = True, 0
        elif is_new_epoch or done < last.done:
            return self._starts_again(last, done, is_new_epoch=is_new_epoch)
        return True

    def _starts_again(self, last: _Bar, done: int, *, is_new_epoch: bool) -> bool:
        if not is_new_epoch:
            if done > last.done // 2:
                return False  # late, or from another process
            if self._outer is not None and self.epoch is not None:
                self.epoch = min(self.epoch + 1, self.total_epochs or self.epoch + 1)
            elif self.epoch is not None:
                return False  # a second pass in the same epoch
            else:
                self._has_restarted = True
        passed = 1
        if is_new_epoch and self.epoch is not None and self._count_epoch is not None:
            passed = max(1, self.epoch - self._count_epoch)
        self._steps_before += passed * (last.total or last.done)
        return True
