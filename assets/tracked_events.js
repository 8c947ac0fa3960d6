import { eventsAddress } from "./addresses.js";
import { getJson } from "./api.js";
import { createStore } from "./store.js";
import { atMostEvery } from "./throttle.js";

const EMPTY = { taskId: null, attempt: null, type: "", events: [], older: false, loaded: false, problem: "" };

/** The event log on the page: the newest first, of one type or of all; `older` while there may be more of them. */
export const eventLog = createStore(EMPTY);

const EVERY_MS = 300;
const AGAIN_MS = 1000;
const PAGE = 50;
const CATCH_UP = 200;
const MOST_LIVE = 500;

let asked = 0;
let heard = null;

/** Show the events of an attempt of the task that its tracker calls `taskId`. */
export function open(taskId, attempt) {
  const { taskId: shown, attempt: of, type } = eventLog.get();
  if (shown !== taskId || of !== attempt) start({ taskId, attempt, type: shown === taskId ? type : "" });
}

export const choose = (type) => start({ ...eventLog.get(), type });

function start({ taskId, attempt, type }) {
  asked += 1;
  heard = null;
  eventLog.set({ ...EMPTY, taskId, attempt, type });
  news();
}

/** A frame has come; after one that was missed there may be events of which none tells. */
export function applyFrame({ tracked, fromRevision, toRevision }) {
  const missed = heard !== null && fromRevision > heard;
  heard = toRevision ?? heard;
  if (eventLog.get().taskId && (missed || tracked?.happened)) news();
}

/** After a join nothing before it can be relied on. */
export function rejoined() {
  heard = null;
  if (eventLog.get().taskId) news();
}

const news = atMostEvery(EVERY_MS, async () => {
  const { loaded, events } = eventLog.get();
  if (!loaded || events.length === 0) {
    await ask({ limit: PAGE }, (found) => ({ events: found, older: found.length === PAGE }));
    return;
  }
  await ask({ after: events[0].id, limit: CATCH_UP }, (found) => {
    const { events: held, older } = eventLog.get();
    if (found.length === CATCH_UP) news();
    const all = [...found, ...held];
    // Who has gone back in it keeps what is being read.
    const most = Math.max(MOST_LIVE, held.length);
    return { events: all.slice(0, most), older: older || all.length > most };
  });
});

export async function showOlder() {
  const { events } = eventLog.get();
  const last = events.at(-1);
  if (!last) return;
  await ask({ before: last.id, limit: PAGE }, (found) => {
    const { events: held, older } = eventLog.get();
    // Who asked twice has them already, and of many news the end may have been dropped.
    if (held.at(-1) !== last) return { older };
    return { events: [...held, ...found], older: found.length === PAGE };
  });
}

async function ask(where, learn) {
  const mine = asked;
  const { taskId, type } = eventLog.get();
  try {
    const { events } = await getJson(eventsAddress(taskId, type ? { type, ...where } : where));
    if (mine === asked) eventLog.set({ ...learn(events.reverse()), loaded: true, problem: "" });
  } catch (error) {
    if (mine !== asked) return;
    eventLog.set({ problem: error.message, loaded: true });
    if (error.status !== 404) setTimeout(() => mine === asked && news(), AGAIN_MS);
  }
}
