"""A demo: three simulated jobs for whoever has no training at hand, and the way to be rid of them.

Whoever may simulate may remove them too. So what removes them touches nothing but simulated jobs that say they
are of the demo: a real one cannot be taken away by calling it so.
"""

from sqlalchemy import Connection

from trainwatch.domain.audit import Actor
from trainwatch.domain.job import JobSpec, Runner, SimulatedOptions
from trainwatch.domain.task import Task
from trainwatch.services.jobs import create_job, start_job
from trainwatch.store.tasks import tasks_tagged
from trainwatch.store.work import Work

TAG = "demo"
"""The tag of its jobs."""

MOST = 1_000
"""How many of its jobs are found at once."""

SPECS = (
    JobSpec(
        name="ResNet on CIFAR-10",
        model_name="resnet50",
        epochs=10,
        learning_rate=0.1,
        batch_size=128,
        options=SimulatedOptions(speed=5, seed=10),
    ),
    JobSpec(
        name="BERT, fine-tuned on SQuAD",
        model_name="bert-base",
        epochs=3,
        steps_per_epoch=200,
        learning_rate=3e-5,
        options=SimulatedOptions(speed=12, seed=20),
    ),
    JobSpec(
        name="GPT-2 from scratch",
        model_name="gpt2-small",
        epochs=5,
        learning_rate=6e-4,
        batch_size=16,
        options=SimulatedOptions(speed=4, fail_at=150, seed=30),
    ),
)
"""What it makes: a long one, a quick one, and one that fails on its way."""


def begin_demo(work: Work, actor: Actor) -> list[Task]:
    """Make the jobs of the demo, let them wait for their turn, and return them."""
    made: list[Task] = []
    for spec in SPECS:
        task = create_job(work, actor, spec)
        work.put(task.replaced(tags=(TAG,)))
        made.append(start_job(work, actor, task.id))
    return made


def find_demo(connection: Connection) -> list[Task]:
    """Return the jobs of the demo that there are, archived ones too."""
    return tasks_tagged(connection, TAG, source=Runner.SIMULATED.value, limit=MOST)


def remove_of_demo(work: Work, actor: Actor, task_id: int) -> bool:
    """Delete a job of the demo, even while it runs, and return whether there was one of that id."""
    task = work.task(task_id)
    if task is None or not _is_of_demo(task):
        return False
    work.delete(task)
    work.audit(actor, "removed demo", f"job {task.id} ({task.title})")
    return True


def _is_of_demo(task: Task) -> bool:
    return task.source == Runner.SIMULATED and TAG in task.tags
