"""Whether the kernel ran out of memory, from files as Linux writes them."""

import pytest

from trainwatch.supervisor.memory import oom_kills

EVENTS = "low 0\nhigh 0\nmax 14\noom 3\noom_kill 2\noom_group_kill 0\n"


@pytest.fixture
def host(tmp_path):
    """A folder in which files can be put as the kernel has them."""

    def put(path, content):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)

    return put


@pytest.fixture
def counted(tmp_path):
    return lambda: oom_kills(str(tmp_path / "proc"), str(tmp_path / "cgroup"))


def test_a_control_group_of_version_2_tells(host, counted):
    host("proc/self/cgroup", "0::/user.slice/jobs.service\n")
    host("cgroup/user.slice/jobs.service/memory.events", EVENTS)
    host("proc/vmstat", "oom_kill 9\n")
    assert counted() == 2


def test_a_container_tells_of_its_own_group(host, counted):
    host("proc/self/cgroup", "0::/\n")
    host("cgroup/memory.events", EVENTS)
    assert counted() == 2


def test_a_control_group_of_version_1_tells(host, counted):
    host("proc/self/cgroup", "12:cpu,cpuacct:/\n4:memory:/job/7\n0::/\n")
    host("cgroup/memory/job/7/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert counted() == 5


def test_a_name_with_a_colon_is_understood(host, counted):
    host("proc/self/cgroup", "0::/a:b\n")
    host("cgroup/a:b/memory.events", EVENTS)
    assert counted() == 2


def test_without_a_group_that_counts_the_whole_machine_does(host, counted):
    host("proc/self/cgroup", "0::/\n")
    host("proc/vmstat", "pgfault 3\noom_kill 9\n")
    assert counted() == 9


def test_a_kernel_that_does_not_tell_is_not_guessed_at(counted):
    assert counted() is None


def test_this_kernel_tells():
    assert oom_kills() is not None
