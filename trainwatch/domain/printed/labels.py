"""What the words before a bar say of it: what it counts, and whether it is training at all."""

import re
from functools import lru_cache
from typing import NamedTuple

from trainwatch.domain.printed.numbers import whole
from trainwatch.domain.printed.reading import Scope

_ASIDE = re.compile(
    r"\b(?:download|upload|extract|unpack|unzip|fetch|load|sav|writ|read|map\b|filter|flatten|tokeni[sz]|preprocess"
    r"|prepar|generat\w* \w+ split|creating|cach|convert|resolv|scann|index|copy|collect|clean|install|import|build"
    r"|comput|sanity|pack|shard|shuffl|cast|sort|group|push|pull|clon|receiv|plot|export|materializ"
    r"|running tokenizer|concatenat|pars|verify|check)"
    r"|\.[a-z][a-z0-9]{1,12}$",
    re.IGNORECASE,
)
_VALIDATION = re.compile(r"\b(?:val|valid\w*|eval\w*|test|testing|dev)\b", re.IGNORECASE)
_EPOCH = re.compile(
    r"\bepochs?\b\W{0,3}(?:([0-9]{1,9})(?:\s{0,40}(?:/|of)\s{0,40}(-?[0-9]{1,9}))?)?", re.IGNORECASE
)
_COUNT_ONLY = re.compile(r"\W{0,2}([0-9]{1,9})\s{0,40}/\s{0,40}([0-9]{1,9})\W{0,2}")
_DIGITS = re.compile(r"[0-9]{1,16}")
_CONSIDERED = 120


class Label(NamedTuple):
    """What a label says; `kind` is the label without its numbers, the same each time the bar is drawn."""

    scope: Scope
    kind: str
    epoch: int | None = None
    last_epoch: int | None = None


@lru_cache(maxsize=1024)
def understood(label: str) -> Label:
    """Return what `label` says: "Epoch 3/10 [train]" counts the steps of epoch 3, "Epochs" counts epochs."""
    label = label[-_CONSIDERED:].strip(" :-|")
    kind = _DIGITS.sub("", label)
    if _ASIDE.search(label):
        return Label("aside", kind)
    if _VALIDATION.search(label):
        return Label("validation", kind)
    epoch = _EPOCH.search(label) or _COUNT_ONLY.fullmatch(label)
    if epoch is None:
        return Label("unsaid", kind)
    if epoch[1] is None:
        return Label("epochs", kind)
    return Label("epoch", kind, whole(epoch[1]), whole(epoch[2] or ""))
