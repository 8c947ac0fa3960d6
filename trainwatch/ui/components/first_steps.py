"""What an empty dashboard says: one line to paste, and the page answers."""

import reflex as rx

from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import function
from trainwatch.ui.components.demo import start_demo
from trainwatch.ui.components.snippet import Snippet
from trainwatch.ui.state.visitor import Visitor

_ONCE = """ -d '{
  "taskName": "my first run", "gpuName": "my GPU",
  "progress": "45%", "currentEpoch": 4, "totalEpochs": 10,
  "loss": 0.4213, "eta": "12 min"
}'"""

_MOVING = (
    """for i in $(seq 1 100); do
  loss=$(LC_ALL=C awk "BEGIN { print 0.2 + 2 * exp(-$i / 20) }")
  curl -s -o /dev/null """,
    """ -d '{
    "taskName": "a moving run", "progress": "'$i'%",
    "step": '$i', "totalSteps": 100, "loss": '$loss'
  }'
  sleep 0.5
done""",
)


@part
def first_steps() -> rx.Component:
    """Two ways to see a task appear; only the browser knows by which address the server is reached."""
    hook = function("api.js", "absolute").call("/hook").to(str)
    return rx.el.section(
        rx.el.header(rx.el.h2("Waiting for the first task"), rx.cond(Visitor.may_simulate, start_demo())),
        rx.el.p(
            "Paste this into any terminal that reaches this machine. The task appears here the moment it is sent."
        ),
        Snippet.create(label="Report once", text="curl " + hook + _ONCE),
        rx.el.p("Or watch one move:"),
        Snippet.create(label="Report a hundred times", text=_MOVING[0] + hook + _MOVING[1]),
        class_name="card first",
    )
