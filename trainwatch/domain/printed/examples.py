"""Lines like those of PyTorch's examples and of what grew from them: torchvision, timm, MMDetection."""

import re

from trainwatch.domain.printed.bars import pairs
from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import NUMBER, VALUE, value_of, whole
from trainwatch.domain.printed.reading import NOTHING, Reading

WORDS = frozenset({"epoch", "test", "acc", "train"})

_HEAD = re.compile(
    r"(?:.{0,80}?\s)??(?P<kind>Train Epoch|Epoch|Train|Test)(?:\((?P<mode>train|val|test)\))?:?\s{0,40}"
    r"(?:\[?(?P<epoch>[0-9]{1,16})\]?)?\s{0,40}\[\s{0,40}(?P<done>[0-9]{1,16})/\s{0,40}(?P<total>[0-9]{1,16})(?:\s{0,40}\(\s{0,40}[0-9.]{1,16}%\))?\]:?"
)
_TEST = re.compile(
    rf"\s{{0,40}}Test set: Average loss: ({VALUE})(?:, Accuracy: ([0-9]{{1,16}})/([0-9]{{1,16}}) \(({NUMBER})%\))?\s{{0,40}}"
)
_METER = re.compile(
    rf"(?<![\w@./-])([A-Za-z_][\w@./-]{{0,60}})(?:: |:\t|\s{{1,40}}|:)({VALUE})(?=\s|,|;|\Z)(?!\s{{0,40}}(?:[kMG]i?B|it/s)\b)"
)
_SUMMARY = re.compile(rf"\s{{0,40}}\*\s{{1,40}}Acc@1 ({NUMBER}) Acc@5 ({NUMBER}).{{0,60}}")


def read(line: str) -> Reading | None:
    """Return what one line of such a loop says: "Train Epoch: 1 [640/60000 (1%)]  Loss: 2.29"."""
    head = _HEAD.match(line)
    if head and (head["epoch"] or head["kind"] == "Test"):
        return _counted(line, head)
    test = _TEST.fullmatch(line)
    if test:
        return _tested(test)
    summary = _SUMMARY.fullmatch(line)
    if summary:
        return Reading(
            metrics={"val_acc@1": float(summary[1]), "val_acc@5": float(summary[2])}, scope="validation"
        )
    return None


def _counted(line: str, head: "re.Match[str]") -> Reading:
    if head["kind"] == "Test" or head["mode"] in ("val", "test"):
        is_last = head["done"] == head["total"]
        # before the last, what it says is of a part
        said = pairs(line[head.end() :]) if head["mode"] and is_last else NOTHING
        return Reading(metrics=said, scope="validation")
    metrics: dict[str, float] = {}
    for printed, number in _METER.findall(line, head.end()):
        name, value = metric_name(printed), value_of(number)
        if name is not None and name != "data" and value is not None:
            metrics.setdefault(name, value)
    return Reading(
        metrics=metrics,
        scope="epoch",
        done=whole(head["done"]),
        total=whole(head["total"]),
        counter="examples",
        epoch=whole(head["epoch"]),
    )


def _tested(test: "re.Match[str]") -> Reading:
    metrics: dict[str, float] = {}
    loss = value_of(test[1])
    if loss is not None:
        metrics["test_loss"] = loss
    if test[2] and int(test[3][:15]):
        metrics["test_accuracy"] = int(test[2][:15]) / int(test[3][:15])
    return Reading(metrics=metrics, scope="validation")
