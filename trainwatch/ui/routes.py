"""The addresses of the pages."""

DASHBOARD = "/"
TASK = "/tasks/[task_id]"
NOT_FOUND = "404"
