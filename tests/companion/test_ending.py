"""What a command's wait status means for its task."""

import os
import signal

import pytest

from trainwatch.companion.ending import Ending, ending_of


def end(status: int, **given: object) -> Ending:
    facts = {"stopped": False, "signalled": (), "killed_for_memory": False, "failure": None}
    return ending_of(status, **{**facts, **given})  # pyright: ignore[reportArgumentType]


def exited(code: int) -> int:
    return code << 8


def test_zero_is_complete_and_anything_else_has_failed():
    assert end(exited(0)) == Ending("complete", "exit code 0", 0, None)
    assert end(exited(2)) == Ending("failed", "exit code 2", 2, None)
    assert end(signal.SIGABRT) == Ending("failed", "killed by SIGABRT", 134, signal.SIGABRT)


def test_the_last_words_say_why():
    assert end(exited(1), failure="ValueError: x").reason == "exit code 1: ValueError: x"
    assert end(exited(0), failure="ValueError: x").reason == "exit code 0"


def test_who_ended_it_in_the_terminal_stopped_it():
    assert end(signal.SIGINT, signalled={signal.SIGINT}).status == "stopped"
    assert end(exited(143), signalled={signal.SIGTERM}).status == "stopped"
    assert end(signal.SIGTERM, signalled={signal.SIGINT}).status == "failed"
    assert end(exited(0), signalled={signal.SIGINT}).status == "complete"


def test_what_was_stopped_from_the_page_is_stopped_however_it_ended():
    for status in (exited(0), exited(1), signal.SIGKILL):
        assert end(status, stopped=True).status == "stopped"


def test_out_of_memory_is_said():
    assert end(signal.SIGKILL, killed_for_memory=True).reason == "killed, out of memory (exit 137)"


@pytest.mark.parametrize("code", [0, 1, 127, 255])
def test_the_code_is_the_commands(code: int):
    assert end(exited(code)).code == os.waitstatus_to_exitcode(exited(code))
