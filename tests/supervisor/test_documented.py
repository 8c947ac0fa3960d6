"""Every field of an attempt's files stands in the documents."""

from pathlib import Path

import pytest

from trainwatch.supervisor import folder
from trainwatch.supervisor.records import Exit, State, StopRequest
from trainwatch.supervisor.spec import LaunchSpec
from trainwatch.supervisor.stage import Stage

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


@pytest.mark.parametrize(
    ("file", "record"),
    [(folder.LAUNCH, LaunchSpec), (folder.STATE, State), (folder.STOP, StopRequest), (folder.EXIT, Exit)],
)
def test_the_fields_of_a_file_are_documented(file, record):
    row = next(line for line in ARCHITECTURE.read_text().splitlines() if line.startswith(f"| `{file}`"))
    assert [field for field in record._fields if f"`{field}`" not in row] == []


@pytest.mark.parametrize("stage", Stage)
def test_the_stages_are_in_the_diagram(stage):
    diagram = ARCHITECTURE.read_text().split("## The supervisor")[1].split("```")[1]
    assert stage.value in diagram
