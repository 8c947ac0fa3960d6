"""What a command prints is what it would have printed without us, and goes in where it would have gone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.companion.runs import Runs, python

CHATTER = """
import os, sys
os.write(1, b"plain\\n\\x1b[31mred\\x1b[0m \\r 10%|#   |\\r 20%|##  |\\n")
os.write(2, b"tab\\there, bell \\a, \\xff\\xfe no text\\n")
sys.stdout.write("line\\n" * 2000); sys.stdout.flush()
os.write(1, b"no end")
"""


def test_bytes_pass_unchanged_through_pipes_and_both_outputs_stay_apart(runs: Runs):
    plain = subprocess.run(python(CHATTER), capture_output=True)
    done = runs.done(python(CHATTER))
    assert (done.stdout, done.stderr, done.returncode) == (plain.stdout, plain.stderr, 0)


def test_bytes_pass_unchanged_through_a_terminal(runs: Runs):
    plain = runs.terminal(python(CHATTER))
    ours = runs.terminal(runs.argv(python(CHATTER)))
    assert ours.read_until(None) == plain.read_until(None)
    assert (ours.wait(), plain.wait()) == (0, 0)


def test_a_flood_of_random_bytes_is_whole(runs: Runs, tmp_path: Path):
    source = tmp_path / "random"
    source.write_bytes(os.urandom(20_000_000))
    assert runs.done(["cat", str(source)]).stdout == source.read_bytes()


def test_a_flood_in_a_terminal_is_whole(runs: Runs):
    terminal = runs.terminal(runs.argv(["seq", "200000"]))
    assert terminal.read_until(None) == b"".join(b"%d\r\n" % number for number in range(1, 200_001))


def test_what_goes_to_one_place_stays_in_order(runs: Runs):
    both = "import os\nfor each in range(5000): os.write(1 + each % 2, b'%d\\n' % each)"
    done = runs.done(python(both), stderr=subprocess.STDOUT)
    assert done.stdout == b"".join(b"%d\n" % each for each in range(5000))


def test_a_terminal_is_one_and_a_pipe_is_none(runs: Runs):
    asked = "import os; print(*(os.isatty(each) for each in range(3)))"
    assert runs.done(python(asked)).stdout == b"False False False\n"
    assert runs.terminal(runs.argv(python(asked))).read_until(None) == b"True True True\r\n"
    mixed = runs.terminal(["sh", "-c", '"$@" | cat', "sh", *runs.argv(python(asked))])
    assert mixed.read_until(None) == b"True False True\r\n"


def test_a_line_is_passed_on_at_once(runs: Runs):
    """The bound is generous: it is about a buffer, not about the machine."""
    program = "import sys, time\nfor line in sys.stdin: print(time.monotonic_ns(), flush=True)"
    process = runs.pipes(python(program), stdin=subprocess.PIPE)
    waits: list[float] = []
    for _ in range(30):
        process.stdin.write(b"\n")
        process.stdin.flush()
        printed_ns = int(process.stdout.readline())
        waits.append(time.monotonic_ns() - printed_ns)
    process.stdin.close()
    assert process.wait(20) == 0
    assert sorted(waits)[15] < 20_000_000


def test_what_python_prints_into_a_pipe_is_not_kept_back(runs: Runs):
    program = "import sys\nprint('here'); sys.stdin.read()"
    process = runs.pipes([sys.executable, "-S", "-c", program], stdin=subprocess.PIPE)
    assert process.stdout.readline() == b"here\n"
    process.stdin.close()
    assert process.wait(20) == 0


def test_standard_input_passes_through(runs: Runs):
    data = os.urandom(300_000)
    assert runs.done(["cat"], input=data).stdout == data


def test_what_is_typed_reaches_the_command(runs: Runs):
    terminal = runs.terminal(runs.argv(python("print('got', input('name? '))")))
    terminal.read_until(b"name? ")
    terminal.type(b"ada\n")
    assert b"got ada\r\n" in terminal.read_until(None)
    assert terminal.wait() == 0


def test_what_the_command_does_not_read_is_there_for_the_shell(runs: Runs):
    terminal = runs.terminal(
        ["sh", "-c", '"$@"; read line; echo "shell has $line"', "sh", *runs.argv(["sleep", "0.3"])]
    )
    terminal.type(b"typed ahead\n")
    assert b"shell has typed ahead" in terminal.read_until(None)


def test_the_size_of_the_window_is_known_and_a_new_one_is_told(runs: Runs):
    program = """
import os, signal, time
def told(*_):
    os.write(1, b"size %d %d %d %d\\n" % (*os.get_terminal_size(1), *os.get_terminal_size(2)))
signal.signal(signal.SIGWINCH, told)
told()
while True: time.sleep(0.05)
"""
    terminal = runs.terminal(runs.argv(python(program)), rows=31, columns=97)
    terminal.read_until(b"size 97 31 97 31")
    terminal.resize(40, 132)
    terminal.read_until(b"size 132 40 132 40")
    terminal.type(b"\x03")
    terminal.wait()


def test_a_reader_that_goes_away_ends_the_command_as_it_would(runs: Runs):
    piped = subprocess.run(
        ["bash", "-c", '"$@" | head -1; echo ${PIPESTATUS[0]}', "bash", *runs.argv(["yes"])],
        env=runs.env, capture_output=True, timeout=30,
    )  # fmt: skip
    assert piped.stdout == b"y\n141\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_handle_that_is_closed_is_in_nobodys_way(runs: Runs, tmp_path: Path, closed: str):
    there = tmp_path / "there"
    script = f'"$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *runs.argv(["touch", str(there)])], env=runs.env, timeout=30
    )
    assert (done.returncode, there.exists()) == (0, True)


def test_a_process_left_behind_does_not_keep_the_shell_waiting(runs: Runs):
    began = time.monotonic()
    done = runs.done(["sh", "-c", "sleep 30 & echo $!"])
    assert time.monotonic() - began < 10
    os.kill(int(done.stdout), 9)
