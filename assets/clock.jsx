import { useEffect, useState } from "react";
import { connection } from "./connection.js";
import { ago, clockTime, fullTime, parseTime } from "./format.js";
import { serverNow } from "./server_time.js";

export { serverNow, setServerNow } from "./server_time.js";

const SECOND = 1000;
const HALF_MINUTE = 30_000;

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

const tickers = { [SECOND]: ticker(SECOND), [HALF_MINUTE]: ticker(HALF_MINUTE) };

/** The server's time in ms, rendered anew each second, or half minute; 0 in the prerendered page, which knows no time. */
export function useNow(slowly = false) {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const tick = () => setNow(serverNow());
    tick();
    return tickers[slowly ? HALF_MINUTE : SECOND](tick);
  }, [slowly]);
  return now;
}

/** "2 s ago", ticking. */
export function Ago({ at, className }) {
  const ms = parseTime(at);
  const now = useNow(serverNow() - ms > 2 * 60 * SECOND);
  if (!ms) return null;
  return (
    <time className={className} dateTime={at} title={fullTime(ms)}>
      {now ? ago(now - ms) : ""}
    </time>
  );
}

/** "14:32" */
export function ClockTime({ at, className }) {
  const now = useNow(true);
  const ms = parseTime(at);
  if (!ms || !now) return null;
  return (
    <time className={className} dateTime={at} title={fullTime(ms)}>
      {clockTime(ms, now)}
    </time>
  );
}
