"""The addresses of the pages."""

DASHBOARD = "/"
TASK = "/tasks/[task_id]"
JOBS = "/training/jobs"
NEW_JOB = "/training/jobs/new"
JOB = "/training/jobs/[task_id]"
SETTINGS = "/settings"
NOT_FOUND = "404"
