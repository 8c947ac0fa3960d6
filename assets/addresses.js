// What the pages ask the server for, in one place, so that early.js asks in the same words.

export const SORTS = ["running", "updated", "created", "title", "progress", "eta"];
export const FIRST_SORT = "running";
export const STATUSES = ["running", "lost", "queued", "paused", "complete", "failed", "stopped"];

const PAGE = 100;
const NARROW_PAGE = 25;
const POINTS = 2000;

export const isNarrow = () => window.matchMedia("(max-width: 1180px)").matches;

export const pageSize = () => (isNarrow() ? NARROW_PAGE : PAGE);

// As many rows as the server gives at once.
const MOST_ROWS = 1000;

/** The pages to ask for, to have the first `count` rows. */
export const pagesOf = (count) =>
  Array.from({ length: Math.ceil(count / MOST_ROWS) }, (_, page) => ({
    limit: Math.min(MOST_ROWS, count - page * MOST_ROWS),
    offset: page * MOST_ROWS,
  }));

/** Search, filter and sort as the dashboard's address has them. */
export function queryOf(search) {
  const words = new URLSearchParams(search);
  const status = words.get("status") ?? "";
  const sort = words.get("sort") ?? FIRST_SORT;
  return {
    q: words.get("q") ?? "",
    status: STATUSES.includes(status) ? status : "",
    sort: SORTS.includes(sort) ? sort : FIRST_SORT,
    archived: words.get("archived") === "1",
    jobs: false,
  };
}

export function tasksAddress({ q, status, sort, archived }, limit, offset = 0) {
  const words = new URLSearchParams({ sort, limit, offset });
  if (q) words.set("q", q);
  if (status) words.set("status", status);
  if (archived) words.set("archived", "true");
  return `/api/tasks?${words}`;
}

export const jobsAddress = (limit, offset = 0) => `/api/training/jobs?${new URLSearchParams({ limit, offset })}`;

export const taskAddress = (id) => `/api/tasks/${id}`;

/** `where` may hold the attempt, and the steps from and to which the curve is wanted. */
export const curveAddress = (id, name, where = {}) =>
  `/api/training/${id}/metrics?${new URLSearchParams({ name, points: POINTS, ...where })}`;

/** `where` says which attempt, and which of its lines are wanted. */
export const logAddress = (id, where) => `/api/tasks/${id}/log?${new URLSearchParams(where)}`;

export const logSearchAddress = (id, what) => `/api/tasks/${id}/log/search?${new URLSearchParams(what)}`;

export const logDownloadAddress = (id, attempt) => `/api/tasks/${id}/log/download?${new URLSearchParams({ attempt })}`;

/** The events of the tracked task of that name; `where` says of which type, and which of them are wanted. */
export const eventsAddress = (taskId, where) => `/api/progress?${new URLSearchParams({ task: taskId, show: "events", ...where })}`;
