"""Tables with a header of their own: fastai's, and that of scikit-learn's gradient boosting."""

import re

from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import NUMBER, VALUE, seconds_of, value_of, whole
from trainwatch.domain.printed.reading import NOTHING, Reading

_FASTAI_HEADER = re.compile(r"epoch\s{1,40}(train_loss\s.{0,300}?)\s{1,40}time\s{0,40}")
_FASTAI_ROW = re.compile(
    rf"([0-9]{{1,16}})((?:\s{{1,40}}(?:{VALUE}|None|#na#)){{1,40}})\s{{1,40}}[0-9]{{1,16}}:[0-9]{{2}}(?::[0-9]{{2}})?\s{{0,40}}"
)
_FASTAI_BAR = re.compile(
    r"Epoch ([0-9]{1,16})/([0-9]{1,16}) : \|[^|]*\| [0-9.]{1,16}% \[([0-9]{1,16})/([0-9]{1,16}) [0-9:]{1,12}<[0-9:?]{1,12}(?:\.{0,3} ("
    + NUMBER
    + r"))?"
)
_BOOSTING_HEADER = re.compile(
    r"\s{0,40}Iter\s{1,40}Train Loss\s{1,40}(?:OOB Improve\s{1,40})?Remaining Time\s{0,40}"
)
_BOOSTING_ROW = re.compile(
    rf"\s{{0,40}}([0-9]{{1,16}})\s{{1,40}}({VALUE})(?:\s{{1,40}}({NUMBER}))?\s{{1,40}}([0-9.]{{1,16}}[smh])\s{{0,40}}"
)


class FastaiTable:
    """What `fit` prints where there is no notebook: a bar an epoch, counted from 1, and a row, counted from 0."""

    def __init__(self) -> None:
        self._columns: tuple[str, ...] | None = None

    @property
    def has_header(self) -> bool:
        """Whether rows may follow."""
        return self._columns is not None

    def read(self, line: str) -> Reading | None:
        """Return what a row or a bar says; the header is remembered and says nothing."""
        if line.startswith("Epoch ") and ": |" in line:
            return _fastai_bar(line)
        if self._columns is None and not line.startswith("epoch"):
            return None
        header = _FASTAI_HEADER.fullmatch(line)
        if header:
            self._columns = tuple(header[1].split())
            return None
        row = _FASTAI_ROW.fullmatch(line)
        if row is None or self._columns is None:
            return None
        metrics: dict[str, float] = {}
        for column, text in zip(self._columns, row[2].split(), strict=False):
            name, value = metric_name(column), None if text in ("None", "#na#") else value_of(text)
            if name is not None and value is not None:
                metrics[name] = value
        epoch = whole(row[1])
        return Reading(metrics=metrics, epochs_passed=None if epoch is None else epoch + 1)


def _fastai_bar(line: str) -> Reading | None:
    bar = _FASTAI_BAR.match(line)
    if bar is None:
        return None
    loss = value_of(bar[5]) if bar[5] else None
    return Reading(
        metrics=NOTHING if loss is None else {"train_loss": loss},
        scope="epoch",
        done=whole(bar[3]),
        total=whole(bar[4]),
        counter="fastai",
        epoch=whole(bar[1]),
        last_epoch=whole(bar[2]),
    )


class BoostingTable:
    """The table that `GradientBoostingClassifier(verbose=1)` prints: its rows are iterations."""

    def __init__(self) -> None:
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether the next line is a row, or ends the table."""
        return self._is_open

    def read(self, line: str) -> Reading | None:
        """Return what a row says; the header is remembered, and any other line ends the table."""
        if not self._is_open:
            self._is_open = "Train Loss" in line and _BOOSTING_HEADER.fullmatch(line) is not None
            return None
        row = _BOOSTING_ROW.fullmatch(line)
        if row is None:
            self._is_open = False
            return None
        metrics = {name: value_of(text) for name, text in (("loss", row[2]), ("oob_improve", row[3])) if text}
        return Reading(
            metrics={name: value for name, value in metrics.items() if value is not None},
            done=whole(row[1]),
            counter="iterations",
            eta_seconds=seconds_of(row[4]),
        )
