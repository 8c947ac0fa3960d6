"""What a printed line says of a job, for those who show and keep it."""

from collections.abc import Mapping
from typing import NamedTuple

from trainwatch.domain.printed.reading import NOTHING


class Observation(NamedTuple):
    """What a line said and where the job stood when it did; None means not known.

    `rule` names what understood the line, for people. `metrics` may hold NaN and the infinities, which are news;
    no other number is ever not finite. `step` counts over the whole run, also where the job counts each epoch
    anew. `epoch` counts from 1, except where a job counts from 0 and never showed its first. `progress` is a
    fraction that never falls while the job keeps to one way of counting; 1 does not mean that the job ended.
    `eta_seconds` is what this line said of the whole run. `failure` is a line that may explain a failure, if
    the job does fail.
    """

    rule: str
    metrics: Mapping[str, float] = NOTHING
    step: int | None = None
    total_steps: int | None = None
    epoch: int | None = None
    total_epochs: int | None = None
    progress: float | None = None
    eta_seconds: float | None = None
    failure: str | None = None
