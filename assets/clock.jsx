import { useEffect, useState } from "react";
import { ago, clockTime, fullTime, parseTime } from "./format.js";
import { serverNow } from "./server_time.js";
import { everyHalfMinute, everySecond } from "./ticking.js";

export { serverNow, setServerNow } from "./server_time.js";

const SECOND = 1000;

/** The server's time in ms, rendered anew each second, or half minute; 0 in the prerendered page, which knows no time. */
export function useNow(slowly = false) {
  const [now, setNow] = useState(0);
  useEffect(() => {
    const tick = () => setNow(serverNow());
    tick();
    return (slowly ? everyHalfMinute : everySecond)(tick);
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
