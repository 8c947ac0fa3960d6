"""The addresses of the pages."""

DASHBOARD = "/"
TASK = "/tasks/[task_id]"
SETTINGS = "/settings"
NOT_FOUND = "404"
