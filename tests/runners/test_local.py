"""Real processes: they start from their command, are read as they print, stop in stages, and are found again."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trainwatch.domain.job import CommandOptions, Gpu, JobSpec, Runner
from trainwatch.domain.status import Status
from trainwatch.domain.template_command import Command
from trainwatch.errors import ConflictError, UnavailableError
from trainwatch.runners.base import (
    AttemptKey,
    Ended,
    Launch,
    Logged,
    Observation,
    Observed,
    Stopping,
    Understood,
)
from trainwatch.runners.following import STOPS
from trainwatch.runners.gpus import Gpus
from trainwatch.runners.local import LocalRunner
from trainwatch.supervisor import folder as files
from trainwatch.supervisor.attempt import Handle, adopt
from trainwatch.supervisor.log_reader import LogReader
from trainwatch.supervisor.spec import LogLimits

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY = AttemptKey(1, 1)
LOG = LogLimits()
PATIENCE_S = 20.0


class Shop:
    """A local runner in a folder of its own, whose jobs are free commands."""

    def __init__(self, folder: Path, *, grace_s: float = 0.3, gpus: int = 0, log: LogLimits = LOG) -> None:
        self.folder = folder
        self.grace_s = grace_s
        self.runner = LocalRunner(
            folder / "attempts",
            self._command,
            self._environment,
            most_at_once=2,
            gpus=Gpus(lambda: gpus),
            log=log,
        )
        self.told: list[Observation] = []

    def _command(self, spec: JobSpec, task_id: int) -> Command:
        return Command(
            argv=spec.command.command,
            cwd=str(self.folder),
            grace_interrupt_s=self.grace_s,
            grace_terminate_s=self.grace_s,
        )

    async def _environment(self, key: AttemptKey) -> Mapping[str, str]:
        return {"TRAINWATCH_TASK_ID": str(key.task_id)}

    def launch(self, *command: str, is_new: bool = True, gpu: Gpu = None) -> Launch:
        spec = JobSpec(
            name="job",
            model_name="m",
            epochs=1,
            runner=Runner.LOCAL,
            options=CommandOptions(command=command, gpu=gpu),
        )
        return Launch(key=KEY, spec=spec, is_new=is_new, started_at=NOW)

    async def follow(self, launch: Launch) -> Ended:
        async for observation in self.runner.run(launch):
            self.told.append(observation)
        end = self.told[-1]
        assert isinstance(end, Ended)
        return end

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - what is awaited is another process
                await asyncio.sleep(0.01)

    def is_running(self) -> bool:
        try:
            return isinstance(adopt(self.runner.folder_of(KEY)), Handle)
        except FileNotFoundError:
            return False

    def printed(self) -> int:
        return max((each.size for each in self.told if isinstance(each, Logged)), default=0)

    def losses(self) -> dict[int | None, float | None]:
        reports = [each.report for each in self.told if isinstance(each, Observed)]
        return {point.step: point.value for each in reports for point in each.points if point.name == "loss"}


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-u", "-c", program)


def wait_for(path: Path) -> str:
    """Return lines of a program that waits until a file is there."""
    return f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.01)\n"


def tell(story: Callable[[], Awaitable[None]]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(PATIENCE_S * 2):
            await story()

    asyncio.run(within_time())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_what_a_job_prints_becomes_points_and_its_exit_code_its_end(shop: Shop):
    program = "for n in range(1, 4): print(f'epoch 1/1 step {n}/3 loss={1 / n:.4f}')"

    async def story() -> None:
        end = await shop.follow(shop.launch(*python(program)))
        assert (end.status, end.reason, end.exit_code) == (Status.COMPLETE, "exit code 0", 0)
        assert shop.losses() == {1: 1.0, 2: 0.5, 3: 0.3333}

    tell(story)


def test_by_which_rules_it_is_read_is_told_once_for_each(shop: Shop):
    go = shop.folder / "go"
    program = (
        "for n in range(3): print(f'{n}/3 [00:01<00:01, 1.00it/s, loss=0.25]')\n"
        f"{wait_for(go)}"
        "print('epoch 1 val_accuracy=0.75')\nraise ValueError('boom')"
    )

    def rules() -> list[tuple[str, ...]]:
        return [each.rules for each in shop.told if isinstance(each, Understood)]

    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(program))))
        await shop.until(lambda: rules() == [("tqdm",)])
        go.touch()
        await following
        assert rules() == [("tqdm",), ("text", "tqdm")]

    tell(story)


def test_of_a_long_log_as_much_is_kept_as_was_asked_for(tmp_path: Path):
    shop = Shop(tmp_path, log=LogLimits(segment_bytes=10_000, total_bytes=30_000))

    async def story() -> None:
        await shop.follow(shop.launch(*python("for n in range(10_000): print(f'line {n:05d}')")))
        log = LogReader(shop.runner.folder_of(KEY))
        assert log.size() == 110_000
        assert [gap.start for gap in log.gaps()] == [10_000]
        assert log.read(0).data.startswith(b"line 00000\n")
        assert log.tail(1).data == b"line 09999\n"

    tell(story)


@pytest.mark.parametrize(
    ("program", "code", "reason"),
    [
        ("raise SystemExit(3)", 3, "exit code 3"),
        ("import os; os.kill(os.getpid(), 11)", None, "killed by SIGSEGV"),
        ("raise RuntimeError('CUDA out of memory. Tried to allocate 2 GiB')", 1, "CUDA out of memory"),
    ],
)
def test_a_failure_says_why(shop: Shop, program: str, code: int | None, reason: str):
    async def story() -> None:
        end = await shop.follow(shop.launch(*python(program)))
        assert (end.status, end.exit_code) == (Status.FAILED, code)
        assert reason in end.reason

    tell(story)


def test_a_command_that_does_not_exist_fails_its_attempt_in_words(shop: Shop):
    async def story() -> None:
        end = await shop.follow(shop.launch("/no/such/program"))
        assert end.status is Status.FAILED
        assert end.reason.startswith("could not be started: ")
        assert "/no/such/program" in end.reason

    tell(story)


def test_a_machine_that_does_not_offer_the_command_fails_the_attempt_in_words(tmp_path: Path):
    def refuse(spec: JobSpec, task_id: int) -> Command:
        raise ConflictError("the template needs torch, which is not installed")

    async def nothing(key: AttemptKey) -> Mapping[str, str]:
        return {}

    async def story() -> None:
        shop = Shop(tmp_path)
        shop.runner = LocalRunner(
            tmp_path / "attempts", refuse, nothing, most_at_once=1, gpus=Gpus(lambda: 0)
        )
        end = await shop.follow(shop.launch("true"))
        assert end.reason == "could not be started: the template needs torch, which is not installed"

    tell(story)


SHAPES = {
    "polite": "import time\nprint('ready')\ntime.sleep(600)",
    "deaf": (
        "import signal, time\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nprint('ready')\ntime.sleep(600)"
    ),
    "daemon": (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.execve('/bin/sleep', ['sleep', '600.125'], {})\n"
        "    os._exit(0)\n"
        "print('ready')\ntime.sleep(600)"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_stop_leaves_nothing_and_says_who(tmp_path: Path, shape: str):
    shop = Shop(tmp_path, grace_s=0.3 if shape == "deaf" else 60)

    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(SHAPES[shape]))))
        await shop.until(lambda: shop.printed() >= len("ready"))
        await shop.runner.stop(KEY, by="alice")
        end = await following
        how = "; it had to be killed (SIGKILL)" if shape == "deaf" else ""
        assert (end.status, end.reason, end.was_killed) == (
            Status.STOPPED,
            f"stopped by alice{how}",
            bool(how),
        )
        await shop.until(lambda: not running("600.125" if shape == "daemon" else str(shop.folder)))
        if shape == "deaf":
            stages = [each.stage for each in shop.told if isinstance(each, Stopping)]
            assert stages == [each for each in STOPS if each in stages]  # a stage of 0.3 s may pass unseen

    tell(story)


def test_a_job_that_is_stopped_before_it_is_started_never_is(shop: Shop):
    async def story() -> None:
        observations = shop.runner.run(shop.launch(*python(SHAPES["polite"])))
        await shop.runner.stop(KEY, by="alice")
        told = [observation async for observation in observations]
        assert told == [Ended(status=Status.STOPPED, reason="stopped by alice", exit_code=None)]
        with pytest.raises(FileNotFoundError):
            adopt(shop.runner.folder_of(KEY))

    tell(story)


def test_a_stop_that_comes_while_the_process_is_started_is_not_lost(shop: Shop):
    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(SHAPES["deaf"]))))
        await shop.until((shop.runner.folder_of(KEY) / files.LAUNCH).exists)
        await shop.runner.stop(KEY, by="alice")
        end = await following
        assert end.status is Status.STOPPED
        assert end.reason.startswith("stopped by alice")
        await shop.until(lambda: not running(str(shop.folder)))

    tell(story)


def test_who_cannot_wait_names_the_stage_that_is_to_end(tmp_path: Path):
    shop = Shop(tmp_path, grace_s=600)

    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(SHAPES["deaf"]))))
        await shop.until(lambda: shop.printed() >= len("ready"))
        for over, stage in (("terminating", "interrupting"), ("interrupting", "terminating")):
            await shop.runner.stop(KEY, by="alice", over=over)
            await shop.until(
                lambda stage=stage: stage in [each.stage for each in shop.told if isinstance(each, Stopping)]
            )
        for over in (None, "running", "interrupting"):  # whoever sends a request again has not lost patience
            await shop.runner.stop(KEY, by="alice", over=over)
        attempt = adopt(shop.runner.folder_of(KEY))
        assert isinstance(attempt, Handle)
        assert attempt.state.stage == "terminating"
        await shop.runner.stop(KEY, by="alice", over="terminating")
        assert (await following).status is Status.STOPPED

    tell(story)


def test_a_stop_of_an_attempt_without_a_folder_finds_nothing_to_stop(shop: Shop):
    async def story() -> None:
        await shop.runner.stop(KEY, by="alice")
        assert not shop.runner.folder_of(KEY).exists()

    tell(story)


def test_a_supervisor_that_cannot_be_asked_is_said_so(shop: Shop):
    folder = shop.runner.folder_of(KEY)
    folder.mkdir(parents=True)
    (folder / files.STATE).write_text("[]")

    async def story() -> None:
        with pytest.raises(UnavailableError, match=r"could not be asked to stop: .*holds no record"):
            await shop.runner.stop(KEY, by="alice")

    tell(story)


def test_a_job_goes_on_without_the_server_and_is_found_again_with_every_point(shop: Shop):
    go = shop.folder / "go"
    line = "    print(f'epoch 1/1 step {n}/40 loss={1 / n:.4f}')\n"
    program = f"for n in range(1, 21):\n{line}{wait_for(go)}for n in range(21, 41):\n{line}"

    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(program))))
        await shop.until(lambda: len(shop.losses()) >= 3)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert shop.is_running()
        go.touch()
        again = Shop(shop.folder)
        end = await again.follow(again.launch(*python(program), is_new=False))
        assert (end.status, end.exit_code) == (Status.COMPLETE, 0)
        assert set(again.losses()) == set(range(1, 41))

    tell(story)


def test_an_attempt_that_nobody_came_to_start_is_started_once(shop: Shop):
    async def story() -> None:
        mark = shop.folder / "runs"
        program = f"open({str(mark)!r}, 'a').write('x')"
        assert (await shop.follow(shop.launch(*python(program), is_new=False))).status is Status.COMPLETE
        for is_new in (True, False):
            again = Shop(shop.folder)
            assert (
                await again.follow(again.launch(*python(program), is_new=is_new))
            ).status is Status.COMPLETE
        assert mark.read_text() == "x"

    tell(story)


def test_a_job_whose_supervisor_was_killed_is_ended_and_says_so(shop: Shop):
    async def story() -> None:
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(SHAPES["polite"]))))
        await shop.until(lambda: shop.printed() >= len("ready"))
        found = adopt(shop.runner.folder_of(KEY))
        assert isinstance(found, Handle)
        os.kill(found.state.supervisor_pid, signal.SIGKILL)
        end = await following
        assert end.status is Status.FAILED
        assert "supervisor was killed" in end.reason
        await shop.until(lambda: not running(str(shop.folder)))

    tell(story)


HELD_BACK = "import sys, time; sys.stdout.write({!r}); sys.stdout.flush(); time.sleep({})"


@pytest.mark.parametrize(
    "printed", ["{'loss': 0.5, 'learning_rate': 5e-05, 'epoch': 0.1}\n", "epoch 1/1 step 3/9 loss=0.5"]
)
def test_the_last_words_of_a_job_are_read_though_nothing_follows_them(shop: Shop, printed: str):
    async def story() -> None:
        await shop.follow(shop.launch(*python(HELD_BACK.format(printed, 0))))
        assert list(shop.losses().values()) == [0.5]

    tell(story)


def test_what_waits_for_its_bar_is_told_when_the_job_is_quiet(shop: Shop):
    async def story() -> None:
        program = HELD_BACK.format("{'loss': 0.5, 'learning_rate': 5e-05, 'epoch': 0.1}\n", 600)
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(program))))
        await shop.until(lambda: list(shop.losses().values()) == [0.5])
        await shop.runner.stop(KEY, by="alice")
        await following

    tell(story)


def test_a_point_without_a_step_has_the_same_step_when_it_is_read_again(shop: Shop):
    program = "for n in range(1, 6): print(f'loss={1 / n:.4f} accuracy=0.5')"

    async def story() -> None:
        await shop.follow(shop.launch(*python(program)))
        again = Shop(shop.folder)
        await again.follow(again.launch(*python(program), is_new=False))
        assert again.losses() == shop.losses()
        assert len(shop.losses()) == 5

    tell(story)


SHOW_GPU = """
import os
print('sees', os.environ.get('CUDA_VISIBLE_DEVICES', 'all'), os.environ.get('CUDA_DEVICE_ORDER', 'as it likes'))
"""


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [("any", "0 PCI_BUS_ID"), (0, "0 PCI_BUS_ID"), (1, "1 PCI_BUS_ID"), (None, "all as it likes")],
)
def test_a_job_sees_the_gpu_that_it_requires_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: Gpu, seen: str
):
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"):
        monkeypatch.delenv(name, raising=False)
    shop = Shop(tmp_path, gpus=2)

    async def story() -> None:
        await shop.follow(shop.launch(*python(SHOW_GPU), gpu=wanted))
        assert LogReader(shop.runner.folder_of(KEY)).read(0).data.decode() == f"sees {seen}\n"

    tell(story)


@pytest.mark.parametrize(("gpus", "wanted", "has"), [(0, "any", "none"), (2, 7, "2, counted from 0")])
def test_a_gpu_that_is_not_there_fails_the_attempt_in_words(tmp_path: Path, gpus: int, wanted: Gpu, has: str):
    shop = Shop(tmp_path, gpus=gpus)

    async def story() -> None:
        launch = shop.launch("true", gpu=wanted)
        assert shop.runner.has_room_for(launch.spec)  # waiting would not help
        end = await shop.follow(launch)
        assert end.reason.endswith(f"and this machine has {has}")

    tell(story)


def test_a_reserved_gpu_is_waited_for_also_after_a_restart(tmp_path: Path):
    shop = Shop(tmp_path, gpus=1)

    async def story() -> None:
        launch = shop.launch(*python(SHAPES["polite"]), gpu="any")
        following = asyncio.ensure_future(shop.follow(launch))
        await shop.until(lambda: shop.printed() >= len("ready"))
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        again = Shop(tmp_path, gpus=1)
        assert again.runner.has_room_for(launch.spec)
        following = asyncio.ensure_future(again.follow(again.launch(is_new=False, gpu="any")))
        await again.until(lambda: again.printed() >= len("ready"))
        assert not again.runner.has_room_for(launch.spec)
        assert again.runner.has_room_for(again.launch("true").spec)
        await again.runner.stop(KEY, by="alice")
        await following
        assert again.runner.has_room_for(launch.spec)

    tell(story)


def running(mark: str) -> list[str]:
    """Return the commands of the processes that have `mark` in their command or working directory."""
    found: list[str] = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if mark in command or place == mark:
            found.append(command)
    return found


def test_a_job_is_not_started_in_a_folder_that_others_may_write(shop: Shop):
    attempts = shop.folder / "attempts"
    attempts.mkdir()
    attempts.chmod(0o777)

    async def story() -> None:
        end = await shop.follow(shop.launch("touch", str(shop.folder / "ran")))
        assert end.status is Status.FAILED
        assert end.reason.endswith(f"may be changed by others (mode 777): chmod go-w {attempts}")
        assert not (shop.folder / "ran").exists()

    tell(story)


def test_what_cannot_be_looked_at_now_has_not_ended(shop: Shop):
    async def story() -> None:
        program = "import time; print('ready'); time.sleep(60)"
        following = asyncio.ensure_future(shop.follow(shop.launch(*python(program))))
        await shop.until(lambda: shop.printed() >= len("ready"))
        folder = shop.runner.folder_of(KEY)
        with capture_logs() as lines:
            (folder / "aside").hardlink_to(folder / "state.json")
            (folder / "circle").symlink_to("state.json")
            (folder / "circle").replace(folder / "state.json")  # nobody can open it now
            again = Shop(shop.folder)
            taken_up = asyncio.ensure_future(again.follow(again.launch(*python(program), is_new=False)))
            await shop.until(lambda: len(lines) >= 2)
            assert [line["event"] for line in lines] == ["attempt_not_found_out"] * 2
            assert [each.done() for each in (following, taken_up)] == [False, False]
            (folder / "aside").replace(folder / "state.json")
        await shop.until(lambda: again.printed() >= len("ready"))
        await shop.runner.stop(KEY, by="ada")
        for end in (await following, await taken_up):
            assert end.status is Status.STOPPED

    tell(story)
