"""The addresses of the pages."""

DASHBOARD = "/"
TASK = "/tasks/[task_id]"
SETTINGS = "/settings"
NOT_FOUND = "404"
SIGN_IN = "/sign-in"
"""Not of this router: the API serves it (trainwatch/api/sign_in_page.py)."""
