"""What a user may change of a task, in place."""

import reflex as rx

from trainwatch.ui.components.local.shape import Local, of_task_and_text, of_task_and_texts


class TaskTitle(Local):
    """The title, which can be changed in place."""

    asset = "edits.jsx"
    on_rename: rx.EventHandler[of_task_and_text]


class TagEditor(Local):
    """The tags, to add and remove."""

    asset = "edits.jsx"
    on_tags: rx.EventHandler[of_task_and_texts]


class NotesEditor(Local):
    """Free text, saved when the field is left."""

    asset = "edits.jsx"
    on_notes: rx.EventHandler[of_task_and_text]
