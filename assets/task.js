import { taskAddress } from "./addresses.js";
import { getJson } from "./api.js";
import { createStore } from "./store.js";
import { atMostEvery, inRounds } from "./throttle.js";
import { grown } from "./tracked.js";

const EMPTY = {
  id: null,
  row: null,
  job: null,
  tracked: null,
  notes: "",
  events: [],
  attempts: [],
  series: [],
  overlaid: [],
  hasLog: false,
  problem: "",
  loaded: false,
  gone: false,
};

/** The one task that a task page shows. */
export const task = createStore(EMPTY);

// A change of one of these writes a line into the task's history; a tracked task has an event log for its messages.
const HISTORIC = ["status", "attempt", "title", "message", "isWaiting", "stopRequested", "archivedAt"];
const changed = (before, after, tracked) => HISTORIC.some((key) => before[key] !== after[key] && !(tracked && key === "message"));

const curves = new Set();
let joins = 0;

// Whether more has happened to a tracked task than its frames could tell.
let behind = false;

/** Let `curve` take each frame that may hold points; it is told to refetch when frames may have been lost. */
export function follow(curve) {
  curves.add(curve);
  return () => curves.delete(curve);
}

/** Load curves again, all that ask for it in one round. */
export const refetch = inRounds(1000);

export function show(id) {
  if (task.get().id !== id) task.set({ ...EMPTY, id });
  return load();
}

async function load() {
  const { id } = task.get();
  if (!id) return;
  try {
    const { notes, events, attempts, series, job, tracked, hasLog, ...row } = await getJson(taskAddress(id));
    const held = task.get();
    if (held.id !== id) return;
    const fresh = !held.row || row.revision >= held.row.revision;
    const kept = fresh || behind || !held.tracked ? tracked : held.tracked;
    behind = false;
    task.set({
      row: fresh ? row : held.row,
      tracked: kept,
      job,
      notes: notes ?? "",
      events,
      attempts,
      series,
      hasLog: hasLog || held.hasLog, // a frame may have told of it after this was asked for
      problem: "",
      loaded: true,
    });
  } catch (error) {
    const { id: shown, row } = task.get();
    if (shown !== id) return;
    // An id that was never known is the server's to say: it shows the not-found page.
    if (error.status === 404) task.set({ gone: row !== null });
    else task.set({ problem: error.message });
  }
}

export const reload = atMostEvery(1000, load);

/** Take in one frame of the room `task-<id>`. */
export function applyFrame(frame) {
  const { id, row } = task.get();
  // A tab that moved on may still hear from the room it left.
  if (frame.taskId !== id) return;
  if (frame.removed) {
    task.set({ gone: true });
    return;
  }
  const isOld = row && frame.toRevision < row.revision;
  if (frame.row) applyRow(frame);
  if (frame.tracked && !isOld) applyTracked(frame.tracked);
}

function applyRow(frame) {
  const { row, series, tracked } = task.get();
  if (!row || frame.row.revision > row.revision) task.set({ row: frame.row, notes: frame.row.notes ?? "" });
  curves.forEach((curve) => curve.take(frame));
  const known = new Set(series.map((each) => `${each.attempt} ${each.name}`));
  const unknown = Object.keys(frame.points ?? {}).some((name) => !known.has(`${frame.attempt} ${name}`));
  if (unknown || (row && changed(row, frame.row, tracked))) reload();
}

function applyTracked(part) {
  const tracked = grown(task.get().tracked, part);
  if (tracked) {
    task.set({ tracked });
    return;
  }
  behind = true;
  reload();
}

/** The log of a task has grown, as a frame says. */
export const printed = (taskId) => taskId === task.get().id && !task.get().hasLog && task.set({ hasLog: true });

/** After a join nothing before it can be relied on; the first one follows upon the first load. */
export function rejoined() {
  joins += 1;
  if (joins === 1) return;
  reload();
  curves.forEach((curve) => refetch(curve.load));
}

/** Show at once what the user asked for; the server's frame confirms or corrects it. */
export function expect(change) {
  const { row } = task.get();
  if (row) task.set({ row: { ...row, ...change } });
}

export const expectNotes = (notes) => task.set({ notes });

/** Lay the curves of these attempts over that of the current one. */
export const overlay = (attempts) => task.set({ overlaid: attempts });
