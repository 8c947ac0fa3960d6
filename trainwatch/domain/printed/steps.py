"""Steps counted over the whole run, by a counter that may begin again with every epoch."""

from dataclasses import dataclass

from trainwatch.domain.printed.reading import Scope


@dataclass(slots=True)
class Bar:
    """How far one counter has come."""

    done: int = 0
    total: int | None = None
    gave_metrics: bool = False

    @property
    def is_full(self) -> bool:
        """Whether it has reached its end."""
        return self.total is not None and self.done >= self.total

    @property
    def length(self) -> int:
        """How many steps one pass of it has."""
        return self.total or self.done


@dataclass(frozen=True, slots=True)
class _Guess:
    """What was known before a counter was taken for that of the whole run, because it went on in `epoch`."""

    epoch: int | None
    steps_before: int
    epoch_before: int | None


class StepCounter:
    """Adds up the passes of one counter.

    A count that falls begins a new pass, whatever epoch was named. If epochs are named on another channel than the
    one that counts, the last draws of a pass may follow the name of the next epoch, and the first ones precede it.
    """

    def __init__(self, *, is_whole_run: bool = False) -> None:
        self.is_whole_run = is_whole_run
        """Whether one pass is the whole run."""
        self.forget()

    def forget(self) -> None:
        """Count from the beginning."""
        self.bar: Bar | None = None
        """The counter; None before it has moved."""
        self.epoch: int | None = None
        """The epoch of the present pass."""
        self.passes = 0
        """How many passes followed the first."""
        self.lead = 0
        """How many passes more have begun than epochs were named since the first; fewer if it is negative."""
        self.has_gap = False
        """Whether something that was printed in the present pass is missing, perhaps whole passes."""
        self._before = 0  # steps of the passes that are over
        self._guess: _Guess | None = None
        self._is_in_parts = False  # whether the present pass was drawn before it was full

    @property
    def step(self) -> int | None:
        """The step in the whole run."""
        return None if self.bar is None else self._before + self.bar.done

    def settle_on_one_run(self, bar: Bar | None) -> None:
        """Believe that `bar` counts the steps of the whole run."""
        self.forget()
        self.bar, self.is_whole_run = bar, True

    def begin(self, total: int | None, epoch: int | None, scope: Scope) -> None:
        """Begin to count in that epoch."""
        self.is_whole_run = self.is_whole_run or scope == "run"
        self.epoch = epoch
        if epoch and total and not self.is_whole_run:
            self._before = (epoch - 1) * total

    def falls(self, done: int, epoch: int | None, scope: Scope) -> bool:
        """Whether `done` begins a new pass; a little less than before is late, or from another process."""
        if self.bar is None or scope == "run" or (self.is_whole_run and self._guess is None):
            return False
        is_new_epoch = epoch != self.epoch and self._guess is None
        return done < self.bar.done and (is_new_epoch or done <= self.bar.done // 2)

    def begin_pass(self, epoch: int | None, total_epochs: int | None, *, is_apart: bool) -> bool:
        """Count on, in that epoch, from the end of the pass that was; False if that was a whole run.

        Epochs that were named in between are passes that were not seen, unless they were named on another channel.
        """
        assert self.bar is not None
        if not self._doubts_whole_run(epoch, total_epochs, is_apart=is_apart):
            self._before += self.bar.length
            self._guess = _Guess(-1, self._before, epoch)
            return False
        ahead = self._epochs_to(epoch)
        sees_all = self.epoch is None or (is_apart and not self.has_gap)
        passed = 1 if sees_all else max(1, ahead - self.lead)
        self.lead = self.lead + passed - ahead if is_apart else max(0, self.lead + passed - ahead)
        self.has_gap = False
        self._before += passed * self.bar.length
        self.passes += 1
        self.epoch = epoch
        self._is_in_parts = False
        return True

    def moves_on(self, done: int, epoch: int | None, scope: Scope, *, is_apart: bool) -> bool:
        """Prepare for the count to be `done`, which begins no pass by falling; return False if it says nothing.

        `is_apart` says that the epoch was named on another channel.
        """
        last = self.bar
        assert last is not None
        if scope == "run":
            self.is_whole_run, self._guess = True, None
        if done < last.done:
            return False
        if self.is_whole_run:
            self.epoch = epoch
        elif epoch != self.epoch:
            self._go_into(epoch, last, may_be_run=self._may_be_run(last, done, scope), is_apart=is_apart)
        return True

    def take(self, bar: Bar) -> None:
        """Count what `bar` shows now."""
        self.bar = bar
        self._is_in_parts |= not bar.is_full

    def _go_into(self, epoch: int | None, last: Bar, *, may_be_run: bool, is_apart: bool) -> None:
        """Decide what it means that another epoch was named, and the count goes on."""
        if self.lead > 0:
            ahead = self._epochs_to(epoch)
            if self.epoch is not None and not is_apart:
                self._before += max(0, ahead - self.lead) * last.length
            self.lead = self.lead - ahead if is_apart else max(0, self.lead - ahead)
            self.epoch = epoch
        elif may_be_run:
            self._guess = _Guess(epoch, self._before, self.epoch)
            self.is_whole_run, self._before, self.epoch = True, 0, epoch
        elif not (is_apart and self._is_in_parts):
            self.begin_pass(epoch, None, is_apart=is_apart)

    def _may_be_run(self, last: Bar, done: int, scope: Scope) -> bool:
        is_beyond = last.total is not None and done > last.total
        return scope == "unsaid" and done > last.done and (is_beyond or not (last.is_full or self.passes))

    def _doubts_whole_run(self, epoch: int | None, total_epochs: int | None, *, is_apart: bool) -> bool:
        """Say whether one pass is not the whole run, now that it is over; a guess that it is may be given up.

        It is not if the last epoch was not named yet, or none since the one in which that was guessed. Where epochs are
        named on another channel, all of them may have been named early, and the guess is given up at once.
        """
        guess = self._guess
        if guess is None:
            return not self.is_whole_run
        if (
            not is_apart
            and epoch != guess.epoch
            and (epoch is None or total_epochs is None or epoch >= total_epochs)
        ):
            return False
        self.is_whole_run, self._guess = False, None
        self._before = guess.steps_before
        self.epoch = guess.epoch if guess.epoch_before is None else guess.epoch_before
        return True

    def _epochs_to(self, epoch: int | None) -> int:
        """Return how many epochs were named since that of the present pass, before any was named since the first."""
        if epoch is None or epoch == self.epoch:
            return 0
        return max(0, epoch - 1) if self.epoch is None else max(1, epoch - self.epoch)
