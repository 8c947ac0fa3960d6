import { useEffect, useState } from "react";
import { ago, clockTime, fullTime, parseTime } from "./format.js";

const listeners = new Set();
let offset = 0;
let timer = null;

/** The browser's clock may be wrong by hours; deadlines are the server's. */
export function setServerNow(ms) {
  if (ms) offset = ms - Date.now();
}

export const serverNow = () => Date.now() + offset;

function subscribe(listener) {
  listeners.add(listener);
  timer ??= setInterval(() => document.hidden || listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The server's time in ms, rendered anew each second; 0 in the prerendered page, which knows no time. */
export function useNow() {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const tick = () => setNow(serverNow());
    tick();
    return subscribe(tick);
  }, []);
  return now && Math.max(now, 1);
}

/** "2 s ago", ticking. */
export function Ago({ at, className }) {
  const now = useNow();
  const ms = parseTime(at);
  if (!ms) return null;
  return (
    <time className={className} dateTime={at} title={fullTime(ms)}>
      {now ? ago(now - ms) : ""}
    </time>
  );
}

/** "14:32" */
export function ClockTime({ at, className }) {
  const now = useNow();
  const ms = parseTime(at);
  if (!ms || !now) return null;
  return (
    <time className={className} dateTime={at} title={fullTime(ms)}>
      {clockTime(ms, now)}
    </time>
  );
}
