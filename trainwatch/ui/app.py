"""Puts the page together: pages, style, and a socket that speaks to its own origin only."""

import json
import logging
from types import SimpleNamespace

import reflex as rx
from reflex_base.utils import format as reflex_format

from trainwatch.ui import routes, theme
from trainwatch.ui.components.shell import crashed
from trainwatch.ui.gate import GatedSocket
from trainwatch.ui.pages.dashboard import dashboard_page
from trainwatch.ui.pages.jobs import jobs_page
from trainwatch.ui.pages.new_job import new_job_page
from trainwatch.ui.pages.not_found import not_found_page
from trainwatch.ui.pages.settings import settings_page
from trainwatch.ui.pages.task import job_page, task_page
from trainwatch.ui.state.dashboard import Dashboard, Elsewhere
from trainwatch.ui.state.jobs import JobList
from trainwatch.ui.state.new_job import NewJob
from trainwatch.ui.state.settings import Settings
from trainwatch.ui.state.task_page import TaskPage

PING_INTERVAL_S = 4
PING_TIMEOUT_S = 6
"""Together what assets/connection.js takes for a lost connection."""

log = logging.getLogger(__name__)


def create_app() -> rx.App:
    """Return the app."""
    app = rx.App(
        sio=_socket(),
        stylesheets=theme.STYLESHEETS,
        head_components=theme.head(),
        html_lang="en",
        app_wraps={(55, "ErrorBoundary"): crashed},
        toaster=None,
        backend_exception_handler=_log_exception,
    )
    app.add_page(dashboard_page, route=routes.DASHBOARD, title="TrainWatch", on_load=Dashboard.enter)
    app.add_page(task_page, route=routes.TASK, title="Task · TrainWatch", on_load=TaskPage.enter)
    app.add_page(jobs_page, route=routes.JOBS, title="Jobs · TrainWatch", on_load=JobList.enter)
    app.add_page(new_job_page, route=routes.NEW_JOB, title="New job · TrainWatch", on_load=NewJob.enter)
    app.add_page(job_page, route=routes.JOB, title="Job · TrainWatch", on_load=TaskPage.enter)
    app.add_page(settings_page, route=routes.SETTINGS, title="Settings · TrainWatch", on_load=Settings.enter)
    app.add_page(
        not_found_page, route=routes.NOT_FOUND, title="Not found · TrainWatch", on_load=Elsewhere.enter
    )
    return app


def _socket() -> GatedSocket:
    """Reflex's own socket lets every web site in.

    Ours looks at no origin: the guard in front has, and by the Host alone. Engine.IO would go by the scheme too, which
    a proxy with TLS may not tell.
    """
    return GatedSocket(
        async_mode="asgi",
        cors_allowed_origins=[],
        transports=["websocket"],
        allow_upgrades=False,
        async_handlers=False,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        json=SimpleNamespace(dumps=reflex_format.json_dumps, loads=json.loads),
    )


def _log_exception(exception: Exception) -> None:
    """Reflex would send a toast that needs `eval`, which the page's policy forbids."""
    log.error("event_handler_failed", exc_info=exception)
