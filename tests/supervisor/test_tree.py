"""Who belongs to a job, and who is only near it."""

from trainwatch.supervisor.process import Process
from trainwatch.supervisor.tree import members

SUPERVISOR, JOB = 100, 200


def process(pid, parent, group=1, session=1, state="S"):
    return Process(pid, parent, group, session, state, start=pid)


def found(*everyone: Process, session: int | None = JOB) -> list[int]:
    return sorted(one.pid for one in members(everyone, SUPERVISOR, session))


def test_descendants_belong_to_it_in_whatever_session():
    assert found(
        process(JOB, SUPERVISOR, JOB, JOB), process(201, JOB, JOB, JOB), process(202, 201, 202, 202)
    ) == [
        JOB,
        201,
        202,
    ]


def test_members_of_its_session_or_group_belong_to_it_though_they_lost_their_parents():
    assert found(process(201, 1, group=JOB, session=1), process(202, 1, group=9, session=JOB)) == [201, 202]


def test_the_supervisor_its_parent_and_its_neighbours_do_not():
    assert found(process(SUPERVISOR, 1, 99, 99), process(1, 0), process(99, 1), process(300, 99)) == []


def test_who_has_ended_does_not_but_its_children_do():
    assert found(process(JOB, SUPERVISOR, JOB, JOB, state="Z"), process(201, JOB, 201, 201)) == [201]


def test_the_number_of_a_session_that_is_not_ours_any_more_means_nothing():
    assert found(process(201, 1, JOB, JOB), session=None) == []


def test_a_circle_in_what_was_seen_at_different_moments_ends():
    assert found(process(JOB, SUPERVISOR), process(201, 202), process(202, 201)) == [JOB]
