"""What a job prints arrives in its log byte for byte, however much it is and whoever prints it."""

import hashlib
import os
import resource
import select
import shutil
import signal
from pathlib import Path

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended, until
from trainwatch.supervisor.attempt import adopt
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.spec import LogLimits, Terminal
from trainwatch.supervisor.stop import request_stop

WRITERS = 4
LINES = 65_536
LINE = 800
"""Shorter than what a pipe takes in one piece, so that lines of several writers do not mix."""


def hashes_of(log):
    """Return the hash of each writer's lines, in the order in which they stand in the log, and how much it was."""
    hashes = {}
    rest = b""
    chunk = log.read(0)
    while chunk.data:
        *lines, rest = (rest + chunk.data).split(b"\n")
        for line in lines:
            hashes.setdefault(line[:1], hashlib.sha256()).update(line)
        chunk = log.read(chunk.end)
    assert rest == b""
    return {writer: found.hexdigest() for writer, found in hashes.items()}, chunk.start


@pytest.mark.slow
def test_200_megabytes_of_several_writers_arrive_byte_for_byte(attempts):
    write = f"""
for writer in "abcd":
    if not os.fork():
        for line in range({LINES}):
            os.write(1 + line % 2, f"{{writer}}{{line:0{LINE - 2}d}}\\n".encode())
        os._exit(0)
for _ in "abcd":
    os.wait()
"""
    handle = attempts.start(*jobs.python(write), log=LogLimits(total_bytes=1 << 30))
    end = ended(handle, within_s=120)
    hashes, size = hashes_of(end.log)
    assert size == end.exit.log_bytes == WRITERS * LINES * LINE
    assert end.log.gaps() == ()
    for writer in "abcd":
        expected = hashlib.sha256()
        for line in range(LINES):
            expected.update(f"{writer}{line:0{LINE - 2}d}".encode())
        assert hashes[writer.encode()] == expected.hexdigest()


def test_more_than_the_limit_keeps_the_beginning_and_the_end(attempts):
    handle = attempts.start(
        *jobs.python("for line in range(20000): os.write(1, b'%07d\\n' % line)"), log=LogLimits(1000, 10_000)
    )
    end = ended(handle)
    assert (end.exit.log_bytes, end.exit.log_lost_bytes) == (160_000, 0)
    assert end.log.read(0).data == b"".join(b"%07d\n" % line for line in range(125))
    assert end.log.tail(3).data == b"0019997\n0019998\n0019999\n"
    assert len(end.log.gaps()) == 1


@pytest.mark.parametrize("terminal", [None, Terminal()])
def test_every_byte_is_kept_as_it_is(attempts, terminal):
    everything = "os.write(1, bytes(range(256)) * 8)"
    end = ended(attempts.start(*jobs.python(everything), terminal=terminal))
    assert end.log.read(0).data == bytes(range(256)) * 8


def test_output_without_a_line_end_is_there_while_the_job_runs(attempts):
    handle = attempts.start(*jobs.python("os.write(1, b'42 %'); note(); stay()"), processes=1)
    until(lambda: handle.log.read(0).data == b"42 %")


def test_both_outputs_keep_their_order(attempts):
    end = ended(attempts.start(*jobs.shell("for i in 1 2 3 4; do echo $i; echo -$i >&2; done")))
    assert end.log.read(0).data == b"1\n-1\n2\n-2\n3\n-3\n4\n-4\n"


@pytest.mark.parametrize("terminal", [None, Terminal()])
def test_what_is_printed_after_the_jobs_own_process_ended_is_kept(attempts, terminal):
    late = "if not os.fork():\n os.setsid()\n while os.getppid() == PARENT: pass\n os.write(1, b'late')\n"
    program = f"PARENT = os.getpid()\nos.write(1, b'early ')\n{late}"
    end = ended(attempts.start(*jobs.python(program), terminal=terminal, grace_leftovers_s=20))
    assert end.log.read(0).data == b"early late"


def test_the_last_words_of_what_is_ended_are_kept(attempts):
    words = jobs.python("""
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'x' * 100_000 + b'goodbye'), os._exit(0)))
signal.signal(signal.SIGINT, signal.SIG_IGN)
note()
stay()
""")
    handle = attempts.start(*words, processes=1)
    end = attempts.stop(handle)
    assert end.log.read(0).data == b"x" * 100_000 + b"goodbye"


def test_a_job_that_closes_its_output_is_supervised_on(attempts):
    handle = attempts.start(
        *jobs.python("os.write(1, b'bye'); os.close(1); os.close(2); note(); stay()"), processes=1
    )
    end = attempts.stop(handle)
    assert (end.log.read(0).data, end.exit.signal) == (b"bye", signal.SIGINT)


def test_a_stranger_that_holds_the_output_is_not_waited_for(attempts):
    hand_over = jobs.python("note(); stay()")
    handle = attempts.start(*hand_over, processes=1)
    job = attempts.noted()[0]
    with Path(f"/proc/{job.pid}/fd/1").open("wb", buffering=0) as held:
        end = attempts.stop(handle)
        assert end.exit.signal == signal.SIGINT
        with pytest.raises(BrokenPipeError):
            until(lambda: held.write(b"x") is None)


def test_a_folder_that_is_deleted_meanwhile_harms_nobody(attempts):
    program = (
        "note(); signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))\nwhile True: os.write(1, b'x' * 99)"
    )
    handle = attempts.start(*jobs.python(program), processes=1, log=LogLimits(1000, 5000))
    pidfd = handle.open_pidfd()
    assert pidfd
    until(lambda: len(handle.log.gaps()))
    until(lambda: shutil.rmtree(handle.folder, ignore_errors=True) or not handle.folder.exists())
    os.kill(attempts.noted()[0].pid, signal.SIGUSR1)
    assert select.select([pidfd], [], [], 20)[0] == [pidfd]
    os.close(pidfd)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_disk_that_takes_nothing_changes_neither_the_job_nor_its_stages_nor_the_truth(attempts):
    handle = attempts.start(*jobs.python(PRINTS_WHEN_ASKED), processes=1)
    job, supervisor = attempts.noted()[0].pid, handle.supervisor.pid
    before = resource.prlimit(supervisor, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    os.kill(job, signal.SIGUSR1)
    until((attempts.cwd / "printed").exists)
    request_stop(handle.folder, "ada", at=1.0)
    until(lambda: attempts.alive() == [])
    assert adopt(handle.folder) == handle, "nothing could be written since it began to run"
    resource.prlimit(supervisor, resource.RLIMIT_FSIZE, before)
    end = ended(handle)
    assert (end.exit.signal, end.exit.last_stage, reason(end.exit)) == (
        9,
        "killing",
        "stopped by ada; it had to be killed (SIGKILL)",
    )
    assert (end.exit.log_bytes, end.exit.log_lost_bytes) == (10, 10)


PRINTS_WHEN_ASKED = """
deaf()
signal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b"0123456789"), open("printed", "w").close()))
note()
stay()
"""
