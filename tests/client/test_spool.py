"""What waits to be reported keeps its order, and takes little room."""

from hypothesis import given
from hypothesis import strategies as st

from trainwatch.client.spool import MOST_ENTRIES, MOST_POINTS, Spool


def drained(spool: Spool) -> list[dict]:
    reports = []
    while entry := spool.take():
        reports.append(entry.fields())
        spool.drop(entry)
    return reports


def test_measurements_are_joined_into_columns():
    spool = Spool()
    spool.measure({"currentStep": 1}, {"loss": 0.5}, step=1, at=0.0)
    spool.measure({"currentStep": 2}, {"loss": 0.4, "lr": 0.1}, step=2, at=0.1)
    assert drained(spool) == [
        {
            "currentStep": 2,
            "series": {
                "loss": {"steps": [1, 2], "values": [0.5, 0.4]},
                "lr": {"steps": [2], "values": [0.1]},
            },
        }
    ]


def test_words_stand_alone_and_in_their_turn():
    spool = Spool()
    spool.measure({"currentStep": 1}, {}, step=1, at=0.0)
    spool.say({"status": "paused"}, at=0.0)
    spool.measure({"currentStep": 2}, {}, step=2, at=0.0)
    assert drained(spool) == [{"currentStep": 1}, {"status": "paused"}, {"currentStep": 2}]


def test_points_of_two_epochs_are_two_reports_for_a_report_has_one():
    spool = Spool()
    spool.measure({"currentEpoch": 1}, {"loss": 0.5}, step=1, at=0.0)
    spool.measure({"currentEpoch": 2}, {"loss": 0.4}, step=2, at=0.0)
    assert [report["currentEpoch"] for report in drained(spool)] == [1, 2]


def test_nothing_is_joined_to_what_is_on_its_way():
    spool = Spool()
    spool.measure({}, {"loss": 0.5}, step=1, at=0.0)
    sent = spool.take()
    assert sent is not None
    spool.measure({}, {"loss": 0.4}, step=2, at=0.0)
    spool.drop(sent)
    assert drained(spool) == [{"series": {"loss": {"steps": [2], "values": [0.4]}}}]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["loss", "lr"]), st.booleans()), max_size=60))
def test_everything_is_delivered_once_and_in_order(events):
    spool = Spool()
    for step, (epoch, name, is_word) in enumerate(events):
        if is_word:
            spool.say({"message": str(step)}, at=step / 10)
        else:
            spool.measure({"currentEpoch": epoch}, {name: 1.0}, step=step, at=step / 10)
    reports = drained(spool)
    for name in ("loss", "lr"):
        steps = [
            step for report in reports for step in report.get("series", {}).get(name, {"steps": []})["steps"]
        ]
        assert steps == [step for step, event in enumerate(events) if event[1] == name and not event[2]]
    words = [report["message"] for report in reports if "message" in report]
    assert words == [str(step) for step, event in enumerate(events) if event[2]]
    assert spool.left_out == 0


def test_a_long_absence_thins_the_points_and_keeps_the_ends():
    spool = Spool()
    many = 3 * MOST_POINTS
    for step in range(many):
        spool.measure({"currentStep": step}, {"loss": 1.0}, step=step, at=step / 100)
    reports = drained(spool)
    steps = [step for report in reports for step in report["series"]["loss"]["steps"]]
    assert steps == sorted(set(steps))
    assert MOST_POINTS // 4 < len(steps) <= MOST_POINTS
    assert (steps[0], steps[-1]) == (0, many - 1)
    assert len(steps) + spool.left_out == many
    assert all(len(report["series"]["loss"]["steps"]) <= 10_000 for report in reports)


def test_many_short_epochs_are_joined_rather_than_kept_apart_for_ever():
    spool = Spool()
    many = 10 * MOST_ENTRIES
    for step in range(many):
        spool.measure({"currentEpoch": step}, {"loss": 1.0}, step=step, at=float(step))
    assert len(spool) <= MOST_ENTRIES
    steps = [step for report in drained(spool) for step in report["series"]["loss"]["steps"]]
    assert steps == list(range(many))
