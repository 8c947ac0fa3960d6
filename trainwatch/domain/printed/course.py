"""Where a job stands: bars within bars, epochs and steps, put together to one way from start to end."""

from math import ceil

from trainwatch.domain.printed.reading import Reading
from trainwatch.domain.printed.steps import Bar, StepCounter

_BARS_KEPT = 64
_LARGEST = 2**53 - 1


class Course:
    """Follows one job; what it has learnt decides what the next numbers mean.

    A counter that starts again is counted on, so `step` only grows. Progress is known while it is known how
    much there is: of a bar that starts again and again, with no epochs around it, it is not.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.total_epochs: int | None = None
        self._counts_from_zero = False
        self._epoch_channel: int | None = None  # on which lines name the epoch
        self._first_epoch: int | None = None  # that was named
        self._steps = StepCounter()  # of the counter that moves the job
        self._set_aside: tuple[str | None, StepCounter] = None, self._steps
        self._has_restarted = False
        self._bars: dict[str, Bar] = {}
        self._main: str | None = None
        self._outer: str | None = None
        self._fraction: float | None = None
        self._way: object = None
        self._best: float | None = None

    @property
    def step(self) -> int | None:
        """The step in the whole run; where only epochs are counted, they are the steps."""
        step = self._steps.step
        if step is None:
            return self._outer_bar.done if self._outer_bar else None
        return step if step <= _LARGEST else None

    @property
    def total_steps(self) -> int | None:
        """How many steps the whole run has."""
        bar, step = self._steps.bar, self._steps.step
        if bar is None or step is None:
            return self._outer_bar.total if self._outer_bar else None
        if bar.total is None or self._has_begun_again:
            return None
        if self._spans_the_run:
            return bar.total
        many = bar.total * (self.total_epochs or 0)
        return many if step <= many <= _LARGEST and many else None

    @property
    def has_bar(self) -> bool:
        """Whether a bar draws the way of this job."""
        return self._main is not None and self._main in self._bars

    @property
    def needs_no_past(self) -> bool:
        """Whether lines say where they are in the whole run: by steps that are those of the run, or by named epochs."""
        return (
            not self._has_begun_again
            and self._steps.lead <= 0
            and (self._steps.is_whole_run or self.epoch is not None)
        )

    @property
    def is_open(self) -> bool:
        """Whether no counter has moved this job yet, or only one that is full and said nothing of training."""
        bar = self._steps.bar
        return bar is None or (bar.is_full and not bar.gave_metrics and self.epoch is None)

    @property
    def _outer_bar(self) -> Bar | None:
        return self._bars.get(self._outer) if self._outer is not None else None

    @property
    def _spans_the_run(self) -> bool:
        return self._steps.is_whole_run or (self.epoch is None and not self._has_begun_again)

    @property
    def _has_begun_again(self) -> bool:
        """Whether there was more than one of what epochs do not count: how much there will be is not known."""
        return self._has_restarted or (self.epoch is None and self._steps.passes > 0)

    def lose(self) -> None:
        """Know that something that was printed is missing."""
        self._steps.has_gap = True

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

    def move(self, reading: Reading, channel: int = 0) -> bool:
        """Take in a `reading` of a channel; return whether it is about training (also where it moves nothing)."""
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
            self._name_epoch(reading.epoch, reading.last_epoch, channel)
        if reading.done is not None:
            return self._move_counter(reading, reading.done, channel)
        return True

    def is_of_the_run(self, reading: Reading) -> bool:
        """Whether the time left that `reading` says is that of the whole run."""
        if reading.scope == "epochs" or (self._outer is not None and reading.counter == self._outer):
            return True
        return reading.scope in ("unsaid", "run") and self._spans_the_run

    def _worked_out(self) -> "tuple[object, float | None]":
        count = self._steps.bar
        if self._fraction is not None:
            return "said", self._fraction
        if self._has_begun_again:
            return None, None
        share = count.done / count.total if count and count.total else None
        if self._spans_the_run and (share is not None or not self._steps.is_whole_run):
            return ("run", self._main, count.total if count else None), share
        if self.total_epochs and self.epoch is not None:
            within = share if share is not None and self._steps.epoch == self.epoch else 0.0
            passed = max(self.epoch - 1 + min(within, 1.0), self._outer_bar.done if self._outer_bar else 0)
            return ("epochs", self.total_epochs), passed / self.total_epochs
        return None, None

    def _settle_on_one_run(self) -> None:
        """Believe that the first counter is that of the whole run, whatever was taken for it since."""
        bar = self._steps.bar
        if self._outer is not None:
            self._main, self._outer = self._outer, None
            bar = self._bars.get(self._main)
            self.epoch = self.total_epochs = None
        self._steps.settle_on_one_run(bar)
        self._has_restarted = False

    def _name_epoch(self, number: int, last: int | None, channel: int) -> None:
        if self.epoch is None:
            self._counts_from_zero = number == 0
            if self.is_open and not self._steps.passes:
                self._set_counter_aside()
        shown = number + self._counts_from_zero
        if last is not None and last >= 1:
            self.total_epochs = max(last + self._counts_from_zero, shown)
        if self.epoch is not None and shown < self.epoch:
            if self._names_apart(channel) and shown == self.epoch - 1:
                return  # another channel, which is late
            self._has_restarted |= not self._steps.is_whole_run  # a fold or trial: how many come is not known
        if self.epoch is None:
            self._first_epoch = min(shown, _LARGEST)
        self.epoch, self._epoch_channel = min(shown, _LARGEST), channel

    def _names_apart(self, channel: int) -> bool:
        """Whether epochs are named on another channel than that."""
        return self._epoch_channel not in (None, channel)

    def _set_counter_aside(self) -> None:
        """Forget a counter that may have been that of a preparation, unless it comes again: epochs may be named last."""
        self._set_aside = self._main, self._steps
        self._steps = StepCounter(is_whole_run=self._steps.is_whole_run)
        self._main, self._has_restarted = None, False

    def _forget_counter(self) -> None:
        self._main, self._has_restarted = None, False
        self._steps.forget()

    def _move_counter(self, reading: Reading, done: int, channel: int) -> bool:
        name = reading.counter
        bar = self._bars.get(name)
        if bar is None:
            bar = self._new_bar(name, done, reading)
        elif self._main is None and name == self._set_aside[0]:
            self._main, self._steps = self._set_aside
        if reading.scope == "epochs" or name == self._outer:
            self._move_epochs(name, bar, done, reading.total)
        elif (
            name != self._main
            and reading.scope in ("epoch", "run")
            and (self._main is None or reading.scope == "epoch")
        ):
            self._main = name
            self._steps.forget()
            self._move_steps(bar, done, reading, channel)
        elif name == self._main:
            return self._move_steps(bar, done, reading, channel)
        else:
            bar.done, bar.total = done, reading.total
            return False
        return True

    def _new_bar(self, name: str, done: int, reading: Reading) -> Bar:
        """Decide what a counter is that was not seen before: the one, one within it, one after it, or neither."""
        if len(self._bars) >= _BARS_KEPT:
            self._bars = {key: kept for key, kept in self._bars.items() if key in (self._main, self._outer)}
        bar = self._bars[name] = Bar(done=done, total=reading.total)
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
            and not self._steps.is_whole_run
        ):
            self._outer, self._main = self._main, name
            self._steps.forget()
            self.epoch, self.total_epochs = 1, main.total
        elif self.is_open and main.is_full and not self._steps.is_whole_run:
            self._forget_counter()
            self._main = name
        return bar

    def _move_epochs(self, name: str, bar: Bar, done: int, total: int | None) -> None:
        if self._main == name:
            self._main = None
            self._steps.forget()
        self._outer = name
        self._has_restarted |= done < bar.done
        if total:
            self.total_epochs = total
            # the bar within may have begun the next epoch before the bar around it was drawn
            self.epoch = min(max(done + 1, 1 if done < bar.done else self.epoch or 1), total)
        bar.done, bar.total = done, total

    def _move_steps(self, bar: Bar, done: int, reading: Reading, channel: int) -> bool:
        steps, is_apart = self._steps, self._names_apart(channel)
        if steps.bar is None:
            epoch = self._first_epoch if is_apart else self.epoch
            steps.begin(reading.total, epoch, reading.scope)
        elif steps.falls(done, self.epoch, reading.scope):
            if not self._begin_pass(is_apart=is_apart):
                return False
        elif not steps.moves_on(done, self.epoch, reading.scope, is_apart=is_apart):
            return False
        total = bar.total if reading.total is None else reading.total
        bar.done, bar.total = done, None if total is not None and done > total else total
        bar.gave_metrics |= bool(reading.metrics)
        steps.take(bar)
        return True

    def _begin_pass(self, *, is_apart: bool) -> bool:
        """Let the counter begin again; False if that is a second pass in an epoch, as of a validation.

        Where the epoch is named on another channel nobody can know that: its name may be on the way.
        """
        steps = self._steps
        if self.epoch is not None and self.epoch == steps.epoch:
            if self._outer is not None:
                self.epoch = min(self.epoch + 1, self.total_epochs or self.epoch + 1)
            elif not (is_apart or steps.is_whole_run):
                return False
        self._has_restarted |= not steps.begin_pass(self.epoch, self.total_epochs, is_apart=is_apart)
        return True
