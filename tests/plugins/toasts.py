"""Notifications that stand as long as a test needs them."""

from playwright.sync_api import Page

ENDS_WHEN_TOLD = """
const [later, never] = [window.setTimeout, window.clearTimeout];
let last = 0;
window.due = new Map();
window.setTimeout = (job, ms, ...rest) => {
  if (ms !== 6000 && ms !== 12000) return later(job, ms, ...rest);
  due.set(--last, job);
  return last;
};
window.clearTimeout = (id) => due.delete(id) || never(id);
"""


def keep_toasts(page: Page) -> None:
    """Let no notification end by itself, on any page from now on; `due` there holds what would end each that waits to."""
    page.add_init_script(ENDS_WHEN_TOLD)
