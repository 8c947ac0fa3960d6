"""A log is heard a slice at a time; the end waits for nothing, and what is missing is said."""

import asyncio
from pathlib import Path

import pytest

from tests.runners.test_local import KEY, Shop, python, tell
from trainwatch.domain.printed.listener import Listener
from trainwatch.domain.status import Status
from trainwatch.runners import ear as ears
from trainwatch.runners import following
from trainwatch.runners.base import Ended, Logged, Observation, Observed, Understood
from trainwatch.runners.ear import Ear
from trainwatch.supervisor import folder as files
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits

FILLER = b"nothing to see here\n" * 2_000


def step(number: int) -> bytes:
    return b'{"step": %d, "total_steps": 1000, "loss": 0.5, "epoch": 1}\n' % number


def log_in(folder: Path, limits: LogLimits | None = None) -> LogWriter:
    return LogWriter(str(folder / files.LOG), limits or LogLimits())


def steps(told: list[Observation]) -> list[int | None]:
    return [point.step for each in told if isinstance(each, Observed) for point in each.report.points]


def messages(told: list[Observation]) -> list[str]:
    return [each.report.message for each in told if isinstance(each, Observed) and each.report.message]


@pytest.fixture
def slow_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hear little at a time, and wait for none of it at the end."""
    monkeypatch.setattr(ears, "SLICE_S", 1e-9)
    monkeypatch.setattr(following, "HEARD_WITHIN_S", 0.0)


async def left_while_it_printed(folder: Path) -> Shop:
    """Return the shop of a job with 40 points and much between them, which ended when nobody listened any more."""
    program = "for n in range(1, 41): print(f'step {n}/40 loss=0.5\\n' + 'nothing\\n' * 20_000)"
    shop = Shop(folder)
    beginning = asyncio.ensure_future(shop.follow(shop.launch(*python(program))))
    await shop.until(shop.is_running)
    beginning.cancel()
    await asyncio.gather(beginning, return_exceptions=True)
    await shop.until(lambda: not shop.is_running())
    return shop


def test_it_has_caught_up_when_nothing_is_left(tmp_path: Path):
    log = log_in(tmp_path)
    log.write(step(1))
    ear = Ear(tmp_path, 1)
    told = ear.listen()
    assert [type(each) for each in told] == [Logged, Observed, Understood]
    assert steps(told) == [1]
    assert ear.has_caught_up
    assert ear.listen() == []
    log.write(step(2)[:-1])
    assert steps(ear.listen()) == []
    assert steps(ear.conclude()) == [2]


def test_a_slice_is_short_however_much_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ears, "SLICE_S", 1e-9)
    log_in(tmp_path).write(b"".join(step(n) + FILLER for n in range(1, 40)))
    ear, told = Ear(tmp_path, 1), []
    while not ear.has_caught_up:
        told.append(ear.listen())
    assert len(told) > 5
    assert [each for some in told for each in steps(some)] == list(range(1, 40))


def test_what_was_deleted_before_it_was_heard_is_said(tmp_path: Path):
    log = log_in(tmp_path, LogLimits(segment_bytes=4_000, total_bytes=12_000))
    log.write(step(1))
    ear = Ear(tmp_path, 1)
    ear.listen()
    for _ in range(5):
        log.write(FILLER)
    log.write(step(3))
    told = ear.listen()
    assert steps(told) == [3]
    [message] = messages(told)
    assert "had to be deleted before they were read" in message
    assert messages(ear.conclude()) == []


def test_a_gap_that_was_there_before_is_nobodys_news(tmp_path: Path):
    log = log_in(tmp_path, LogLimits(segment_bytes=4_000, total_bytes=12_000))
    log.write(step(1) + FILLER + step(3))
    ear = Ear(tmp_path, 1)
    told = [*ear.listen(), *ear.conclude()]
    assert (steps(told), messages(told)) == ([1, 3], [])


def test_a_line_that_a_gap_has_cut_is_no_number(tmp_path: Path):
    log = log_in(tmp_path, LogLimits(segment_bytes=4_000, total_bytes=12_000))
    log.write(b"epoch 1/1 step 1/9 loss=0.5 " + b"x" * 40_000 + b" step 2/9 loss=0.7\nstep 3/9 loss=0.25\n")
    told = Ear(tmp_path, 1).listen()
    assert steps(told) == [3]


def far_behind(folder: Path, printed: bytes) -> Ear:
    """Return an ear that has heard the beginning only, when the job has ended."""
    log_in(folder).write(step(1) + FILLER * 8 + printed)
    ear = Ear(folder, 1)
    ear.listen()
    assert not ear.has_caught_up
    return ear


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that hears little at a time."""
    monkeypatch.setattr(ears, "SLICE_S", 1e-9)
    monkeypatch.setattr(ears, "FAR_BEHIND", 1_000)


@pytest.mark.usefixtures("slow")
def test_who_is_far_behind_says_where_the_job_is_by_now_and_leaves_the_points_for_their_turn(tmp_path: Path):
    ear = far_behind(tmp_path, step(2) + FILLER * 8 + step(900))
    told = [each.report for each in ear.conclude() if isinstance(each, Observed)]
    assert [(each.current_step, each.points) for each in told] == [(900, ())]
    late: list[int | None] = []
    while not ear.has_caught_up:
        late += steps(ear.listen())
    assert late == [2, 900]


@pytest.mark.usefixtures("slow")
def test_the_last_words_explain_a_failure_though_all_before_them_is_not_heard_yet(tmp_path: Path):
    ear = far_behind(tmp_path, b"RuntimeError: early\n" + FILLER * 8 + b"ValueError: the end\n")
    ear.conclude()
    assert ear.failure == "ValueError: the end"


def test_a_bar_that_begins_again_and_again_needs_its_past_to_say_where_it_is():
    listener = Listener()
    bar = "\r 50%|##  | {}/100 [00:01<00:01, 50.0it/s]\r"
    listener.hear(bar.format(50).encode())
    assert listener.glance(bar.format(90).encode()) == []
    listener = Listener()
    listener.hear(b'{"step": 7, "loss": 0.5}\n')
    assert [each.observation.step for each in listener.glance(b'x\n{"step": 9, "loss": 0.5}\n')] == [9]


@pytest.mark.usefixtures("slow_ears")
def test_the_end_is_told_before_all_is_heard_and_no_point_is_lost(tmp_path: Path):
    async def story() -> None:
        await left_while_it_printed(tmp_path)
        again = Shop(tmp_path)
        launch = again.launch(is_new=False, gpu=None)
        async for observation in again.runner.run(launch):
            again.told.append(observation)
            assert not isinstance(observation, Ended) or again.runner.has_room_for(launch.spec)
        [end] = [number for number, each in enumerate(again.told) if isinstance(each, Ended)]
        assert steps(again.told[end:])
        assert steps(again.told) == list(range(1, 41))

    tell(story)


@pytest.mark.usefixtures("slow_ears")
@pytest.mark.parametrize("in_the_way", ["a folder", "a link to nowhere"])
def test_a_disk_that_takes_no_note_of_what_is_unheard_changes_no_end(tmp_path: Path, in_the_way: str):
    async def story() -> None:
        shop = await left_while_it_printed(tmp_path)
        note = shop.runner.folder_of(KEY) / following.UNHEARD
        if in_the_way == "a folder":
            note.mkdir()
        else:
            note.symlink_to(tmp_path / "nowhere" / "file")
        told = [each async for each in shop.runner.run(shop.launch(is_new=False))]
        [end] = [each for each in told if isinstance(each, Ended)]
        assert end.status is Status.COMPLETE
        assert steps(told) == list(range(1, 41))

    tell(story)


@pytest.mark.usefixtures("slow_ears")
def test_what_was_not_heard_when_the_server_ended_is_heard_by_the_next_one(tmp_path: Path):
    async def story() -> None:
        shop = await left_while_it_printed(tmp_path)
        second = shop.runner.run(shop.launch(is_new=False))
        async for observation in second:
            if isinstance(observation, Ended):
                break
        await second.aclose()  # type: ignore[attr-defined]
        third = Shop(tmp_path)
        [(key, rest)] = (await third.runner.unfinished()).items()
        assert key == KEY
        told = [observation async for observation in rest]
        assert steps(told) == list(range(1, 41))
        assert not any(isinstance(each, Ended) for each in told)
        assert third.runner.has_room_for(third.launch("true").spec)
        assert await third.runner.unfinished() == {}

    tell(story)


def test_of_an_attempt_that_was_heard_to_its_end_nothing_is_left(tmp_path: Path):
    async def story() -> None:
        shop = Shop(tmp_path)
        await shop.follow(shop.launch("echo", "loss=0.5"))
        assert await shop.runner.unfinished() == {}

    tell(story)
