import { useRef, useSyncExternalStore } from "react";
import { connection } from "./connection.js";
import { ago, clockTime, fullTime, parseTime } from "./format.js";
import { serverNow } from "./server_time.js";

/** One timer for all that tick alike. They tick too when the clock stops or goes on, or two of them would stand at different times. */
function ticker(every) {
  const listeners = new Set();
  const tick = () => listeners.forEach((each) => each());
  let timer = null;
  connection.subscribe(tick);
  return (listener) => {
    listeners.add(listener);
    timer ??= setInterval(() => document.hidden || tick(), every);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = null;
    };
  };
}

export const everySecond = ticker(1000);

const isObject = (value) => typeof value === "object" && value !== null;

const isSame = (a, b) => a === b || (isObject(a) && isObject(b) && Object.keys(b).every((name) => a[name] === b[name]));

/**
 * What `write` makes of `values` and the server's time, nothing while the first of them is not known; whoever uses it is drawn again only
 * when that has changed.
 */
export function useTicking(write, ...values) {
  const held = useRef(undefined);
  const read = () => {
    if (values[0] === undefined || values[0] === null) return undefined;
    const fresh = write(...values, serverNow());
    if (!isSame(held.current, fresh)) held.current = fresh;
    return held.current;
  };
  return useSyncExternalStore(everySecond, read, () => undefined);
}

export const agoOf = (at, now) => ago(now - parseTime(at));

export const clockTimeOf = (at, now) => clockTime(parseTime(at), now);

export const fullTimeOf = (at) => (at ? fullTime(parseTime(at)) : "");
