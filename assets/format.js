export const UNKNOWN = "--";

const known = (value) => value !== null && value !== undefined;

/** "42s", "3m 20s", "1h 5m", "2d 3h" */
export function duration(seconds) {
  if (!known(seconds)) return UNKNOWN;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)}m ${s % 60}s` : `${s / 60}m`;
  const minutes = Math.floor(s / 60);
  if (s < 86400) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
}

/** Like duration, but calm: whole minutes, so that a list of rows does not flicker. */
export function roughDuration(seconds) {
  if (!known(seconds) || seconds < 60 || seconds >= 3600) return duration(seconds);
  const minutes = Math.ceil(seconds / 60);
  return minutes === 60 ? "1h 0m" : `${minutes} min`;
}

/** "2 s ago", "3 min ago", "5 h ago", "2 d ago" */
export function ago(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86400)} d ago`;
}

export const percent = (fraction) => (known(fraction) ? `${Math.floor(fraction * 100 + 1e-9)}%` : UNKNOWN);

export const decimals = (value, places = 4) => (known(value) ? value.toFixed(places) : UNKNOWN);

/** A metric of any size, in about five characters. */
export function metric(value) {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  if (size >= 1000) return value.toFixed(0);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4);
}

const GIB = 1024 ** 3;
export const gibibytes = (bytes) => (known(bytes) ? (bytes / GIB).toFixed(bytes >= 10 * GIB ? 0 : 1) : UNKNOWN);

export const rounded = (value) => (known(value) ? String(Math.round(value)) : UNKNOWN);

export const counted = (n) => n.toLocaleString("en-US");

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** "14:32" today, "Nov 21, 14:32" on any other day. */
export function clockTime(ms, nowMs) {
  const at = new Date(ms);
  return at.toDateString() === new Date(nowMs).toDateString() ? clock.format(at) : dayAndClock.format(at);
}

const clockWithSeconds = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** "14:32:07" today, "Nov 21, 14:32" on any other day. */
export function exactClock(ms, nowMs) {
  const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  return isToday ? clockWithSeconds.format(ms) : clockTime(ms, nowMs);
}

const everything = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

export const fullTime = (ms) => everything.format(ms);

export const parseTime = (text) => (text ? Date.parse(text) : null);

/** The name of a parameter as people read it. */
export const sentence = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

const within = (fraction) => Math.min(1, Math.max(0, fraction));

/** A fraction as the width of a bar: "12.3%", none where it is not known. */
export const share = (fraction) => `${Number((within(fraction ?? 0) * 100).toFixed(1))}%`;

/** A fraction in whole percent, as those who cannot see a bar are told it; undefined where it is not known. */
export const wholePercent = (fraction) => (known(fraction) ? Math.floor(within(fraction) * 100) : undefined);
