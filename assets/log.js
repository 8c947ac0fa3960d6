import { logAddress, logSearchAddress } from "./addresses.js";
import { getJson } from "./api.js";
import { EMPTY_LOG, placeOf, take, trim } from "./log_lines.js";
import { createStore } from "./store.js";
import { atMostEvery } from "./throttle.js";

const EMPTY = { id: null, attempt: null, held: EMPTY_LOG, rules: [], loaded: false, following: true, passed: 0, goal: null, problem: "" };
const NO_SEARCH = { text: "", matches: [], at: 0, whole: true, cut: false, problem: "" };

/**
 * The log that a task's page shows: of one attempt, and what of it is `held`. `passed` counts the lines when following ended; `goal` is
 * the line to which the reader wanted to go last, once it is there.
 */
export const log = createStore(EMPTY);

/** What is looked for in it: `matches` are numbers of lines, the newest first, and `at` is the one that is shown. */
export const search = createStore(NO_SEARCH);

const EVERY_MS = 250;
const AGAIN_MS = 1000;
const AT_ONCE = 500;
const MOST_MATCHES = 1000;

let seen = false;
let near = 0;
let moves = 0;

/** Show the log of an attempt, its last lines first. */
export function open(id, attempt) {
  const { id: shown, attempt: of } = log.get();
  if (shown === id && of === attempt) return;
  log.set({ ...EMPTY, id, attempt });
  owed = null;
  find("");
  news();
}

/** A log has grown, as a frame says. */
export function grown({ taskId, attempt, size }) {
  const { id, attempt: of, held } = log.get();
  if (taskId === id && attempt === of && size > (held.next ?? -1)) news();
}

/** After a join nothing before it can be relied on. */
export function rejoined() {
  if (log.get().id) news();
  const { text, problem } = search.get();
  if (problem) find(text);
}

/** Whether anybody can see the log: if not, nothing is fetched. */
export function watch(visible) {
  seen = visible;
  if (visible && log.get().id) news();
}

const news = atMostEvery(EVERY_MS, async () => {
  const { following, held, loaded } = log.get();
  if (!seen || document.hidden) return;
  // Who reads further up is told how many lines have come, not which.
  if (loaded && !following) await ask({ tail: 1 }, heard);
  else await ask(held.next === null ? { tail: AT_ONCE } : { after: held.next });
});

const heard = (held, answer) => ({ ...held, total: Math.max(held.total, answer.total) });

async function ask(where, learn = take) {
  const { id, attempt } = log.get();
  const isShown = () => log.get().id === id && log.get().attempt === attempt;
  try {
    const answer = await getJson(logAddress(id, { attempt, ...where }));
    if (!isShown()) return;
    const { held, following } = log.get();
    log.set({ held: trim(learn(held, answer), following ? Infinity : near), rules: answer.rules, loaded: true, problem: "" });
  } catch (error) {
    if (!isShown()) return;
    log.set({ problem: error.status === 404 ? "" : error.message, loaded: log.get().loaded || error.status === 404 });
    if (error.status !== 404) setTimeout(() => isShown() && news(), AGAIN_MS);
  }
}

/** Go along with the end of the log, or stay at the line `n`; whatever the reader was on the way to is off. */
export function follow(following, n = 0) {
  near = n;
  moves += 1;
  const { following: before, held } = log.get();
  if (before === following) return;
  log.set({ following, passed: held.total });
  if (following) news();
}

let filling = false;
let owed = null;

/** Fetch some of the lines of a hole, those next to where one comes from; of several calls meanwhile the last one counts. */
export async function fill(hole, fromAbove) {
  owed = { ...hole, fromAbove };
  if (filling) return;
  filling = true;
  while (owed) {
    const { from, to, fromAbove: down } = owed;
    owed = null;
    await ask({ ...(down ? { from } : { before: to }), count: Math.min(AT_ONCE, to - from) });
  }
  filling = false;
}

/** Go to a line as soon as it and what is around it are there, unless the reader goes elsewhere meanwhile. */
export async function reach(n) {
  follow(false, n);
  const move = moves;
  const { lines } = log.get().held;
  if (lines[placeOf(lines, n)]?.n !== n) {
    await ask({ from: n });
    if (move === moves) await ask({ before: n + 1, count: 100 });
  }
  if (move === moves) log.set({ goal: { n } });
}

let searches = 0;

/** Look for a text in all of the log, from its end backwards. */
export async function find(text) {
  moves += 1;
  searches += 1;
  search.set({ ...NO_SEARCH, text, whole: !text });
  if (!text) return;
  const { id, attempt } = log.get();
  const mine = searches;
  const isWanted = () => mine === searches;
  let before;
  do {
    let answer;
    try {
      answer = await getJson(logSearchAddress(id, { attempt, q: text, ...(before ? { before } : {}) }));
    } catch (error) {
      if (isWanted()) search.set({ whole: true, cut: true, problem: error.message });
      return;
    }
    if (!isWanted()) return;
    before = answer.before;
    const { matches } = search.get();
    const isFirst = matches.length === 0 && answer.matches.length > 0;
    search.set({ matches: [...matches, ...answer.matches.map((match) => match.n)] });
    if (isFirst) await choose(0);
  } while (isWanted() && before && search.get().matches.length < MOST_MATCHES);
  if (isWanted()) search.set({ whole: true, cut: Boolean(before) });
}

/** Show the match of that place among all. */
export async function choose(at) {
  const { matches } = search.get();
  if (matches.length === 0) return;
  const place = (at + matches.length) % matches.length;
  search.set({ at: place });
  await reach(matches[place]);
}

if (typeof document !== "undefined") document.addEventListener("visibilitychange", () => !document.hidden && rejoined());
