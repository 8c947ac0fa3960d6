import { clockTime, duration, parseTime, roughDuration } from "./format.js";

export const isEnded = (row) => row.status === "complete" || row.status === "failed" || row.status === "stopped";

/** How far it is, as a fraction; of a job it is known that nothing was done before its first step. */
export const doneOf = (row) => (row.status === "complete" ? 1 : (row.progress ?? (row.isJob ? 0 : null)));

/** Work out from the row's deadlines and the clock whether a running task is live, silent or lost. */
export function livenessOf(row, now) {
  if (row.status !== "running") return "none";
  const lost = parseTime(row.lostAfterAt);
  const silent = parseTime(row.silentAfterAt);
  if (lost !== null && now >= lost) return "lost";
  if (silent !== null && now >= silent) return "silent";
  return "live";
}

/** The state that a row is shown in: a lost task runs as far as anybody knows, but is not counted with those that do. */
export const stateOf = (row, now) => (livenessOf(row, now) === "lost" ? "lost" : row.status);

/** How its bar looks: a running one by whether it is heard. */
export const toneOf = (row, now) => (row.status === "running" ? livenessOf(row, now) : row.status);

/** "live", "silent 2m, expected every 3s", "silent 2h 5m" */
export function livenessText(row, now) {
  const state = livenessOf(row, now);
  if (state === "live" || state === "none") return state === "live" ? "live" : "";
  const quiet = coarse((now - parseTime(row.lastUpdated)) / 1000);
  return row.expectedSeconds && state === "silent" ? `silent ${quiet}, expected every ${rhythm(row.expectedSeconds)}` : `silent ${quiet}`;
}

const LATE_AFTER_S = 3;

/** Seconds left, below 0 once the task should have ended. */
function dueIn(row, now) {
  if (row.etaSeconds === null || row.etaSeconds === undefined || isEnded(row)) return null;
  if (livenessOf(row, now) !== "live") return row.etaSeconds;
  return row.etaSeconds - Math.max(0, now - parseTime(row.lastUpdated)) / 1000;
}

/** Seconds left: counts down while the task is heard; of a silent or paused one what the last report left. */
export function secondsLeft(row, now) {
  const due = dueIn(row, now);
  return due === null ? null : Math.max(0, due);
}

/** "ETA: 3m 20s", "ETA: any moment", "ETA: overdue", null where it is unknown. It is overdue when a report should have come since. */
export function etaText(row, now, written = duration) {
  const left = secondsLeft(row, now);
  if (left === null) return null;
  if (left >= 0.5) return `ETA: ${written(left)}`;
  return isOverdue(row, now) ? "ETA: overdue" : "ETA: any moment";
}

/** The same, calm: whole minutes, so that a list of rows does not flicker. */
export const roughEtaText = (row, now) => etaText(row, now, roughDuration) ?? "";

/** "ETA: 3 min, ends about 17:03", "" where neither is known. */
export const etaInFull = (row, now) => [etaText(row, now, roughDuration), endText(row, now)].filter(Boolean).join(", ");

/** "ETA: 3m 20s, ends about 17:03"; "" where nobody can tell. */
export const etaAndEnd = (row, now) => {
  const ends = endText(row, now);
  return ends ? `${etaText(row, now)}, ${ends}` : "";
};

/** "3m 20s": how long the attempt has run. */
export const runText = (row, now) => duration(secondsRun(row, now));

const isOverdue = (row, now) => dueIn(row, now) < -Math.max(LATE_AFTER_S, row.expectedSeconds ?? 0);

/** "ends about 17:03", "was due 17:03"; null where nobody can tell. */
export function endText(row, now) {
  const due = dueIn(row, now);
  if (due === null || livenessOf(row, now) !== "live") return null;
  if (isOverdue(row, now)) return `was due ${clockTime(now + due * 1000, now)}`;
  return `ends about ${clockTime(now + Math.max(0, due) * 1000, now)}`;
}

/** Seconds that the attempt has run, to its end or to now. */
export function secondsRun(row, now) {
  const start = parseTime(row.startedAt ?? row.createdAt);
  return Math.max(0, ((parseTime(row.finishedAt) ?? now) - start) / 1000);
}

const coarse = (seconds) => (seconds < 60 ? duration(seconds) : seconds < 3600 ? `${Math.floor(seconds / 60)}m` : duration(seconds));

export const rhythm = (seconds) => (seconds < 1 ? "<1s" : duration(seconds));
