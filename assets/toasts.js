import { useEffect } from "react";
import { getJson } from "./api.js";
import { parseTime } from "./format.js";
import { serverNow, setServerNow } from "./server_time.js";
import { useStore } from "./store.js";
import { createTally } from "./tally.js";
import { add, close, toasts, unseen } from "./toast_list.js";

const MISSED_WITHIN_MS = 60_000;
const SHOWN_MS = { info: 6000, success: 6000, warning: 9000, error: 12000 };

const tally = createTally();
let firstJoin = null;
let lastWelcome = null;

/** What happened lately, unheard, since this page was opened. */
async function missed(now) {
  const { notifications } = await getJson("/api/tasks?limit=1");
  const since = Math.max(firstJoin, now - MISSED_WITHIN_MS);
  const fresh = unseen(notifications);
  return fresh.filter((note) => parseTime(note.createdAt) >= since).sort((a, b) => a.id - b.id);
}

/** The notifications to show, as the broadcast vars tell of them. */
export function useToasts(frame, joined) {
  const catchUp = (now) => missed(now).then(add, () => null);
  useEffect(() => {
    // A page that opens hears the welcome of the one before again.
    if (!joined?.n || joined === lastWelcome) return;
    lastWelcome = joined;
    setServerNow(joined.serverNow);
    tally.begin(joined.sent.everyone);
    if (firstJoin === null) firstJoin = joined.serverNow;
    else catchUp(joined.serverNow);
  }, [joined]);
  useEffect(() => {
    if (!frame?.seq) return;
    add(unseen(frame.notifications));
    if (tally.missed(frame)) catchUp(serverNow());
  }, [frame]);
  return useStore(toasts, (value) => value.shown);
}

/**
 * Let a toast go by itself after a while, but not while one of them is looked at: that one would move away if another one left. Returns
 * the name that says so, for a class.
 */
export function useLeaving(id, level) {
  const held = useStore(toasts, ({ shown, pointed, focused }) => shown.some((note) => note.id === pointed || note.id === focused));
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => close(id), SHOWN_MS[level] ?? SHOWN_MS.info);
    return () => clearTimeout(timer);
  }, [held, id]);
  return held ? "is-held" : "";
}
