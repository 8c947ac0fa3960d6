"""Let a small agent repair a program until its tests pass, and watch it in TrainWatch.

    trainwatch serve                      # in one terminal
    python examples/agent_task.py         # in another; then open http://localhost:62222

The agent is scripted, so it needs no key and costs nothing: for each failing test it knows what to try, and its first
idea is not always right. Everything else is real: a project with failing tests is written to a temporary folder, its
tests run in a process of their own, its files are edited. The cost is what the text that an agent reads and writes
here would be at a made-up price of $15 for a million characters.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from uuid import uuid4

from trainwatch.tracking import ProgressTracker

PRICE_PER_CHARACTER = 15 / 1_000_000
RESULT = re.compile(r"^(test_\w+) .*\.\.\. (ok|FAIL|ERROR)$", re.MULTILINE)
BROKEN = re.compile(r"^(?!AssertionError|ImportError)\w+Error: .*$", re.MULTILINE)

BASKET = """\
from money import in_words


def total(prices):
    result = prices[0]
    for price in prices:
        result += price
    return result


def discounted(cents, percent):
    return cents * percent / 100


def receipt(items):
    return "; ".join(f"{name} {price}" for name, price in items)
"""

TESTS = """\
import unittest

from basket import discounted, receipt, total
from money import in_words


class Basket(unittest.TestCase):
    def test_total_adds_up(self):
        self.assertEqual(total([250, 120]), 370)

    def test_total_of_nothing(self):
        self.assertEqual(total([]), 0)

    def test_discount(self):
        self.assertEqual(discounted(1000, 25), 750)

    def test_discount_is_whole_cents(self):
        self.assertIs(type(discounted(999, 10)), int)
        self.assertEqual(discounted(999, 10), 899)

    def test_money_in_words(self):
        self.assertEqual([in_words(5), in_words(1250)], ["$0.05", "$12.50"])

    def test_receipt(self):
        self.assertEqual(receipt([("tea", 250), ("bun", 120)]), "tea $2.50; bun $1.20")
"""

CRITERIA = tuple(re.findall(r"def (test_\w+)", TESTS))


@dataclass(frozen=True)
class Idea:
    """Something to try: put `after` in the place of `before`; without `before`, create the file."""

    file: str
    before: str
    after: str


IDEAS: Mapping[str, tuple[Idea, ...]] = {
    "test_total_adds_up": (Idea("basket.py", "result = prices[0]", "result = 0"),),
    "test_total_of_nothing": (
        Idea("basket.py", "result = prices[0]", "result = prices[0] if prices else 0"),
        Idea("basket.py", "result = prices[0] if prices else 0", "result = 0"),
    ),
    "test_discount": (Idea("basket.py", "cents * percent / 100", "cents * (100 - percent) / 100"),),
    "test_discount_is_whole_cents": (
        Idea("basket.py", "cents * (100 - percent) / 100", "cents * (100 - percent) // 100 + 1"),
        Idea("basket.py", "cents * (100 - percent) // 100 + 1", "cents * (100 - percent) // 100"),
    ),
    "test_money_in_words": (
        Idea("money.py", "", 'def in_words(cents):\n    return f"${cents // 100}.{cents % 100}"\n'),
        Idea("money.py", "{cents % 100}", "{cents % 100:02d}"),
    ),
    "test_receipt": (Idea("basket.py", "{name} {price}", "{name} {in_words(price)}"),),
}


class Project:
    """A small program in a folder, and its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def edit(self, idea: Idea) -> bool:
        """Do what `idea` says; return whether the file is as it expects it to be."""
        path = self.folder / idea.file
        text = path.read_text() if path.exists() else ""
        if idea.before not in text or (not idea.before and text):
            return False
        path.write_text(text.replace(idea.before, idea.after, 1) if idea.before else idea.after)
        return True

    def test(self) -> str:
        """Run the tests in a process of their own and return what they print."""
        command = [sys.executable, "-B", "-W", "ignore", "-m", "unittest", "-v", "test_basket"]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stderr

    def characters(self) -> int:
        return sum(len(path.read_text()) for path in self.folder.glob("*.py"))


class Agent:
    """Tries one idea an iteration, until all criteria are met, its ideas end or it is to stop."""

    def __init__(self, tracker: ProgressTracker, task: str, project: Project, *, pause_s: float) -> None:
        self.tracker = tracker
        self.task = task
        self.project = project
        self.pause_s = pause_s
        self.cost = 0.0
        self.ideas: dict[str, Iterator[Idea]] = {test: iter(ideas) for test, ideas in IDEAS.items()}

    def run(self) -> bool:
        """Return whether all tests pass in the end."""
        iteration = 0
        passed = self.test()
        while len(passed) < len(CRITERIA):
            if self.tracker.should_stop(self.task):
                return False
            iteration += 1
            self.tracker.update_iteration(self.task, iteration)
            idea = self.think(passed)
            if idea is None:
                self.tracker.log_error(self.task, "no idea is left")
                return False
            self.try_out(idea)
            passed = self.test()
        return True

    def think(self, passed: set[str]) -> Idea | None:
        """Read the program and choose what to try next; reading and writing are what costs."""
        self.tracker.begin_action(self.task, "think")
        sleep(self.pause_s)
        failing = [test for test in IDEAS if test not in passed]
        if "money" not in "".join(path.name for path in self.project.folder.glob("*.py")):
            failing = ["test_money_in_words"]  # without that file nothing can even be imported
        idea = next((idea for test in failing for idea in self.ideas[test]), None)
        self.spend(self.project.characters() + (len(idea.after) * 5 if idea else 0))
        self.tracker.log_action(self.task, "think", success=idea is not None)
        return idea

    def try_out(self, idea: Idea) -> None:
        action = "edit" if idea.before else "create"
        self.tracker.begin_action(self.task, action, idea.file)
        sleep(self.pause_s / 2)
        self.tracker.log_action(self.task, action, idea.file, success=self.project.edit(idea))

    def test(self) -> set[str]:
        """Run the tests, tell which ones pass, and return them."""
        self.tracker.begin_action(self.task, "run", "python -m unittest")
        printed = self.project.test()
        sleep(self.pause_s / 2)
        results = dict(RESULT.findall(printed))
        passed = {test for test, result in results.items() if result == "ok"}
        self.spend(len(printed))
        self.tracker.log_action(self.task, "run", "python -m unittest", success=len(passed) == len(CRITERIA))
        if broken := BROKEN.search(printed):
            self.tracker.log_error(self.task, broken.group())
        for index, test in enumerate(CRITERIA):
            if test in passed:
                self.tracker.verify_criterion(self.task, index)
        sys.stdout.write(f"{len(passed)} of {len(CRITERIA)} tests pass, ${self.cost:.3f}\n")
        return passed

    def spend(self, characters: int) -> None:
        self.cost += characters * PRICE_PER_CHARACTER
        self.tracker.update_cost(self.task, round(self.cost, 6))


def main() -> int:
    """Write the project, let the agent loose on it, and say how it ended."""
    parser = argparse.ArgumentParser(description="An agent that repairs a program, watched by TrainWatch.")
    url = os.environ.get("TRAINWATCH_URL", "http://127.0.0.1:62222")
    parser.add_argument("--url", default=url, help="where TrainWatch is, unless TRAINWATCH_URL says so")
    parser.add_argument("--key", help="of scope ingest, if it wants one and TRAINWATCH_KEY does not hold it")
    parser.add_argument("--data-dir", help="keep the progress in this folder instead, without a server")
    parser.add_argument("--name", default="repair the basket", help="what the task is called")
    parser.add_argument("--pause", type=float, default=1.2, help="seconds that a thought takes")
    wanted = parser.parse_args()
    task = f"basket-{uuid4().hex[:8]}"
    with (
        tempfile.TemporaryDirectory() as folder,
        ProgressTracker(wanted.data_dir or wanted.url, key=wanted.key) as tracker,
    ):
        tracker.start_task(
            task,
            "scripted-agent",
            criteria=[f"{test} passes" for test in CRITERIA],
            max_iterations=15,
            max_cost=1.0,
            max_seconds=300,
            stop_at_limit=True,
            title=wanted.name,
        )
        project = Project(Path(folder))
        for name, text in (("basket.py", BASKET), ("test_basket.py", TESTS)):
            project.write(name, text)
            tracker.log_action(task, "write", name)
        agent = Agent(tracker, task, project, pause_s=wanted.pause)
        try:
            done = agent.run()
        except BaseException as error:
            tracker.log_error(task, error)
            tracker.complete_task(task, success=False, summary=f"{type(error).__name__} in the agent")
            raise
        stopped = tracker.should_stop(task)
        words = "All tests pass" if done else "Told to stop" if stopped else "Out of ideas"
        tracker.complete_task(task, success=done, summary=f"{words}; ${agent.cost:.3f} spent")
    return 0 if done else 1


if __name__ == "__main__":
    raise SystemExit(main())
