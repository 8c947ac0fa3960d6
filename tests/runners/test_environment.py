"""What a job inherits of the environment that the server was started with."""

import pytest

from trainwatch.runners.environment import inherited

OF_THE_SERVER = (
    "TRAINWATCH_DATABASE TRAINWATCH_DATA_DIR TRAINWATCH_KEY TRAINWATCH_RUN_ID TRAINWATCH_ATTEMPT_MARKER PGPASSWORD "
    "PGSERVICEFILE REFLEX_DB_URL __REFLEX_SKIP_COMPILE UVICORN_PORT NOTIFY_SOCKET LISTEN_FDS WATCHDOG_USEC "
    "CREDENTIALS_DIRECTORY STATE_DIRECTORY"
)
OF_THE_USER = (
    "PATH HOME USER LANG CUDA_VISIBLE_DEVICES CUDA_HOME HF_HOME HF_TOKEN WANDB_API_KEY OMP_NUM_THREADS LD_LIBRARY_PATH "
    "PYTHONPATH VIRTUAL_ENV XDG_RUNTIME_DIR http_proxy SSH_AUTH_SOCK TMPDIR pg_lower_case"
)


@pytest.mark.parametrize("name", OF_THE_SERVER.split())
def test_what_is_the_servers_own_reaches_no_job(name: str):
    assert inherited({name: "secret", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize("name", OF_THE_USER.split())
def test_what_is_the_users_reaches_every_job(name: str):
    assert inherited({name: "x"}) == {name: "x"}
