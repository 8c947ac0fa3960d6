"""What is read from a captured output, written down to be compared.

`python -m tests.domain.printed.observed FILE …` writes FILE.expected anew; look at the difference before you keep it.
"""

import json
import sys
from pathlib import Path

from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.passes import Passes
from trainwatch.domain.printed.reader import Reader

FIXTURES = Path(__file__).parent / "fixtures"
OUTPUTS = sorted([*FIXTURES.glob("*.txt"), *FIXTURES.glob("quoted/*.txt")])


def observations(data: bytes) -> list[Observation]:
    """Return all that is read from `data`."""
    passes, reader = Passes(), Reader()
    lines = passes.feed(data)
    rest = passes.pause()
    found = [reader.feed(line) for line in [*lines, *([rest] if rest else [])]]
    return [each for each in [*found, reader.flush()] if each is not None]


def written(found: list[Observation]) -> str:
    """Return one line of JSON an observation, what is not known left out."""
    return "".join(json.dumps(_said(each), ensure_ascii=False) + "\n" for each in found)


def _said(observation: Observation) -> dict[str, object]:
    said = {name: value for name, value in observation._asdict().items() if value is not None}
    said["metrics"] = dict(observation.metrics)
    if "progress" in said:
        said["progress"] = round(observation.progress or 0, 4)
    return {name: value for name, value in said.items() if value != {}}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        output = Path(name)
        output.with_suffix(".expected").write_text(
            written(observations(output.read_bytes())), encoding="utf-8"
        )
