import { FIRST_SORT, jobsAddress, pageSize, pagesOf, queryOf, tasksAddress } from "./addresses.js";
import { getJson, isPassing } from "./api.js";
import { createLossWatch } from "./lost_rows.js";
import { createRetry } from "./retry.js";
import { createStore } from "./store.js";
import { createTally } from "./tally.js";
import { atMostEvery } from "./throttle.js";

const SPARK_POINTS = 40;
const NOTES_KEPT = 50;

const FIRST_QUERY = { q: "", status: "", sort: FIRST_SORT, archived: false, jobs: false };

/**
 * What a list shows, that of every task or that of the jobs alone: rows by id, in the server's order.
 * `query` is what was asked for last; until its answer comes the rows are those of `answered`.
 */
export const overview = createStore({
  query: FIRST_QUERY,
  answered: FIRST_QUERY,
  answers: 0,
  rows: new Map(),
  ids: [],
  total: 0,
  counts: {},
  archived: 0,
  gpus: [],
  notes: [],
  loaded: false,
  problem: "",
});

const frames = createTally();
const notices = createTally();
let asked = 0;
let wanted = 0; // rows; a page of them at least

// Running tasks that the current filter or page leaves out; their news must not reload the list.
const elsewhere = new Map();

const addressOf = (query, limit, offset) => (query.jobs ? jobsAddress(limit, offset) : tasksAddress(query, limit, offset));

const newer = (old, row) => !old || row.revision > old.revision;

/** Fetch what is on the page again, as many rows as are wanted on it. */
export async function load() {
  const mine = ++asked;
  const { query } = overview.get();
  try {
    const pages = pagesOf(Math.max(pageSize(), wanted));
    const answers = await Promise.all(pages.map(({ limit, offset }) => getJson(addressOf(query, limit, offset))));
    if (mine === asked) accept(query, answers);
  } catch (error) {
    if (mine === asked) fail(query, error);
  }
}

export const reload = atMostEvery(1000, load);
const again = createRetry(load);
const losses = createLossWatch(() => overview.get().rows, reload);

export function loadMore() {
  const { ids, total } = overview.get();
  if (ids.length >= total) return;
  wanted = ids.length + pageSize();
  load();
}

function accept(query, answers) {
  again.done();
  const held = overview.get();
  const [answer] = answers;
  const rows = new Map();
  for (const row of answers.flatMap((page) => (query.jobs ? page.jobs : page.tasks))) {
    const old = held.rows.get(row.id);
    rows.set(row.id, newer(old, row) || row.revision === old.revision ? row : old);
    elsewhere.delete(row.id);
  }
  overview.set({
    answered: query,
    answers: held.answers + 1,
    rows,
    ids: [...rows.keys()],
    total: answer.total,
    counts: answer.counts ?? held.counts,
    archived: answer.archived ?? held.archived,
    gpus: mergeGpus(held.gpus, answer.gpus ?? []),
    notes: mergeNotes(held.notes, answer.notifications),
    loaded: true,
    problem: "",
  });
  losses.begin();
}

/** What is on the page stays there, unless it answers another query. */
function fail(query, error) {
  const { message: problem } = error;
  if (isPassing(error)) again.failed();
  const isOfOther = addressOf(query, 1) !== addressOf(overview.get().answered, 1);
  overview.set({ problem, loaded: true, ...(isOfOther ? { answered: query, rows: new Map(), ids: [], total: 0 } : {}) });
}

/** Change the search, filters or sort, and keep it in the address. */
export function ask(change) {
  const query = { ...overview.get().query, ...change };
  overview.set({ query });
  wanted = 0;
  const words = new URLSearchParams();
  if (query.q) words.set("q", query.q);
  if (query.status) words.set("status", query.status);
  if (query.sort !== FIRST_SORT) words.set("sort", query.sort);
  if (query.archived) words.set("archived", "1");
  const search = words.toString();
  // The router is left out on purpose: to it a new query is a new page.
  window.history.replaceState(window.history.state, "", search ? `?${search}` : window.location.pathname);
  load();
}

/** Show the list of this page, of the jobs alone if `jobs`; nothing of the other one stays. */
export function open(jobs) {
  const query = { ...queryOf(window.location.search), jobs };
  if (jobs === overview.get().query.jobs) {
    overview.set({ query });
    reload();
    return;
  }
  overview.set({ query, rows: new Map(), ids: [], total: 0, loaded: false, problem: "" });
  wanted = 0;
  load();
}

/** Take in one frame of the room `overview`. */
export function applyFrame(frame) {
  const held = overview.get();
  const rows = new Map(held.rows);
  const gone = new Set(frame.removed);
  let stale = frames.missed(frame) || frame.stale || gone.size > 0;
  const shown = (frame.rows ?? []).filter((row) => row.isJob || !held.query.jobs);
  for (const row of shown) {
    const old = rows.get(row.id);
    if (!old) {
      stale = stale || elsewhere.get(row.id) !== row.status;
      elsewhere.set(row.id, row.status);
    } else if (newer(old, row)) {
      stale = stale || old.status !== row.status || losses.has(row.id);
      rows.set(row.id, { ...row, job: old.job, spark: extended(old, row) });
      if (Boolean(row.archivedAt) !== held.answered.archived) gone.add(row.id);
    }
  }
  const ids = held.ids.filter((id) => !gone.has(id));
  gone.forEach((id) => rows.delete(id));
  overview.set({
    rows,
    ids,
    total: held.total - (held.ids.length - ids.length),
    gpus: mergeGpus(held.gpus, frame.gpus ?? []),
  });
  if (stale && held.loaded) reload();
}

/** After a join nothing before it can be relied on; `sent` is the number of each room's last frame. */
export function rejoined(sent) {
  frames.begin(sent.overview);
  notices.begin(sent.everyone);
  elsewhere.clear();
  reload();
}

/** Take in one frame of the room `everyone`. */
export function applyNotices(frame) {
  overview.set({ notes: mergeNotes(overview.get().notes, frame.notifications) });
  if (notices.missed(frame)) reload();
}

function extended(old, row) {
  const name = old.sparkName ?? "loss";
  const value = row.metrics?.[name];
  const spark = old.spark ?? [];
  if (row.attempt !== old.attempt) return Number.isFinite(value) ? [value] : [];
  if (!Number.isFinite(value) || value === old.metrics?.[name]) return spark;
  return [...spark, value].slice(-SPARK_POINTS);
}

function mergeGpus(held, fresh) {
  const byId = new Map(held.map((gpu) => [gpu.id, gpu]));
  for (const gpu of fresh) {
    const old = byId.get(gpu.id);
    if (!old || (gpu.revision ?? 0) >= (old.revision ?? 0)) byId.set(gpu.id, gpu);
  }
  return [...byId.values()];
}

function mergeNotes(held, fresh) {
  const byId = new Map([...held, ...(fresh ?? [])].map((note) => [note.id, note]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, NOTES_KEPT);
}
