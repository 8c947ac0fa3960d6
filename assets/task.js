import { taskAddress } from "./addresses.js";
import { getJson, isPassing } from "./api.js";
import { createPending, PATIENCE_MS } from "./pending.js";
import { createRetry } from "./retry.js";
import { createStore } from "./store.js";
import { atMostEvery, inRounds } from "./throttle.js";
import { grown } from "./tracked.js";

const EMPTY = {
  id: null,
  told: null, // the row as the server told it last
  row: null, // the same as the user wishes it
  job: null,
  tracked: null,
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
const pending = createPending();
let joins = 0;
let asked = 0;
let answered = 0;

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
  if (task.get().id !== id) {
    again.done();
    pending.forget();
    task.set({ ...EMPTY, id });
  }
  return load();
}

const asTold = (told) => ({ told, row: told && pending.over(told, Date.now()) });

async function load() {
  const { id } = task.get();
  if (!id) return;
  const mine = ++asked;
  try {
    const { events, attempts, series, job, tracked, hasLog, ...told } = await getJson(taskAddress(id));
    const held = task.get();
    if (held.id !== id || mine < answered) return;
    answered = mine;
    again.done();
    const fresh = !held.told || told.revision >= held.told.revision;
    const kept = fresh || behind || !held.tracked ? tracked : held.tracked;
    behind = false;
    task.set({
      ...asTold(fresh ? told : held.told),
      tracked: kept,
      job,
      events,
      attempts,
      series,
      hasLog: hasLog || held.hasLog, // a frame may have told of it after this was asked for
      problem: "",
      loaded: true,
    });
    // The frames before the first answer had nothing that they could be compared with.
    if (!fresh && !held.loaded) reload();
  } catch (error) {
    const { id: shown, row } = task.get();
    if (shown !== id || mine < answered) return;
    // An id that was never known is the server's to say: it shows the not-found page.
    if (error.status === 404) task.set({ gone: row !== null });
    else task.set({ problem: error.message });
    if (isPassing(error)) again.failed();
  }
}

export const reload = atMostEvery(1000, load);
const again = createRetry(load);

/** Take in one frame of the room `task-<id>`. */
export function applyFrame(frame) {
  const { id, told } = task.get();
  // A tab that moved on may still hear from the room it left.
  if (frame.taskId !== id) return;
  if (frame.removed) {
    task.set({ gone: true });
    return;
  }
  if (frame.hasLog) printed(id);
  const isOld = told && frame.toRevision < told.revision;
  if (frame.row) applyRow(frame);
  if (frame.tracked && !isOld) applyTracked(frame.tracked);
}

function applyRow(frame) {
  const { told, series, tracked } = task.get();
  const isNews = !told || frame.row.revision > told.revision;
  if (isNews) task.set(asTold(frame.row));
  curves.forEach((curve) => curve.take(frame));
  const known = new Set(series.map((each) => `${each.attempt} ${each.name}`));
  const unknown = Object.keys(frame.points ?? {}).some((name) => !known.has(`${frame.attempt} ${name}`));
  const lacks = told && isNews && (isAfterLoss(told, frame) || changed(told, frame.row, tracked));
  if (unknown || lacks) reload();
}

/** Whether more has happened since than the frame tells; the one that a page starts with tells nothing but the row. */
const isAfterLoss = (told, { fromRevision }) => fromRevision === 0 || fromRevision > told.revision;

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

/** Show at once what the user asked for; the server confirms or corrects it. */
export function expect(change) {
  const { told } = task.get();
  if (!told) return;
  pending.wish(told, change, Date.now());
  settle();
  setTimeout(settle, PATIENCE_MS);
}

const settle = () => task.set(asTold(task.get().told));

/** What was shown at once was refused. */
export function refused() {
  pending.forget();
  settle();
  reload();
}

/** Lay the curves of these attempts over that of the current one. */
export const overlay = (attempts) => task.set({ overlaid: attempts });

/** Lay the curve of one attempt over that of the current one, or not. */
export function overlayOne(attempt, on) {
  const { overlaid } = task.get();
  overlay(on ? [...overlaid, attempt] : overlaid.filter((each) => each !== attempt));
}
