import { clockTime, duration, parseTime } from "./format.js";
import { isEnded } from "./liveness.js";

// What can be worked out of a tracked task: `tracked` is how it stands, `row` the task itself.

const QUIET_MS = 30_000;
const TOO_EARLY_S = 10;
const TOO_LITTLE = 5;
const HOUR_S = 3600;

/** Return how the task stands after the part of a frame; null if more has happened than a frame carries. */
export function grown(held, part) {
  if (!held || held.startedAt !== part.startedAt || held.criteria.length !== part.criteriaTotal) return null;
  const { verified, filesCreated, filesModified, happened, ...facts } = part;
  const created = longer(held.filesCreated, filesCreated);
  const modified = longer(held.filesModified, filesModified);
  const criteria = checked(held.criteria, verified);
  const whole = created && modified && criteria.filter((each) => each.verifiedAt).length === part.criteriaVerified;
  return whole ? { ...held, ...facts, criteria, filesCreated: created, filesModified: modified } : null;
}

/** The list of which `last` is the end; null if it has grown by more than that. */
function longer(list, { total, last }) {
  if (total < list.length || total - list.length > last.length) return null;
  return total === list.length ? list : [...list, ...last.slice(list.length - total)];
}

function checked(criteria, verified) {
  const fresh = new Map(verified.filter(([index]) => !criteria[index].verifiedAt));
  return fresh.size ? criteria.map((each, i) => (fresh.has(i) ? { ...each, verifiedAt: fresh.get(i) } : each)) : criteria;
}

/** "$1.25", "$0.0042", "$12,400.00" */
export function money(dollars) {
  if (dollars !== 0 && dollars < 0.01) return `$${Number(dollars.toPrecision(2))}`;
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/**
 * What its cost so far says: dollars per hour, by how much it is over its budget, when that will be used up (ms), and what it will
 * have cost at the end; null where that cannot be known. Between two reports none of it moves.
 */
export function spending(tracked, row) {
  const { cost, maxCost, startedAt, completedAt, progress } = tracked;
  const start = parseTime(startedAt);
  const seconds = ((parseTime(completedAt) ?? parseTime(row.lastUpdated)) - start) / 1000;
  const rate = cost > 0 && seconds >= TOO_EARLY_S ? cost / seconds : null;
  const over = maxCost !== null && cost > maxCost ? cost - maxCost : null;
  const goes = !isEnded(row) && !completedAt;
  const atEnd = goes && cost > 0 && progress >= TOO_LITTLE && progress < 100 ? (cost / progress) * 100 : null;
  const lasts = goes && rate && maxCost !== null && cost < maxCost;
  return { perHour: rate && rate * HOUR_S, over, atEnd, usedUpAt: lasts ? start + (maxCost / rate) * 1000 : null };
}

/** Seconds since the task was heard of, if that is worth a word. */
export function quietFor(row, now) {
  const quiet = now - parseTime(row.lastUpdated);
  return now && row.status === "running" && quiet >= QUIET_MS ? Math.floor(quiet / 1000) : null;
}

/** "94 s", "3m 20s" */
export const stillness = (seconds) => (seconds < 120 ? `${seconds} s` : duration(seconds));

/** The limits that were reached, each in words. */
export const limitsOf = (tracked) => tracked.limitsReached.map((limit) => LIMITS[limit]?.(tracked) ?? limit);

const LIMITS = {
  iterations: ({ maxIterations }) => `${maxIterations} ${maxIterations === 1 ? "iteration" : "iterations"}`,
  cost: ({ maxCost }) => `the budget of ${money(maxCost)}`,
  seconds: ({ maxSeconds }) => `the time of ${duration(maxSeconds)}`,
};

/** Which of its figures a list shows, the one that its small line is of: what it costs, if that is told. */
export const figureOf = (row) => Object.keys(row.metrics ?? {}).sort()[0] ?? null;

/** "3/20 iterations" of a task that an agent works on; of one that only reports, whatever it counts. */
export function iterations(row) {
  const [current, total] = [row.currentStep ?? row.currentEpoch, row.totalSteps ?? row.totalEpochs];
  if (total) return `${(current ?? 0).toLocaleString("en-US")}/${total.toLocaleString("en-US")} iterations`;
  return current === null || current === undefined ? null : `Iteration ${current.toLocaleString("en-US")}`;
}

/** How long ago something began: "3m 20s". */
export const sinceText = (at, now) => duration((now - parseTime(at)) / 1000);

/** How long it was silent, if that is worth a word: "94 s". */
export const quietText = (row, now) => {
  const seconds = quietFor(row, now);
  return seconds === null ? "" : stillness(seconds);
};

const endedAt = (tracked, row) => parseTime(tracked.completedAt ?? row.finishedAt);

/** How long it took in all. */
export const tookText = (tracked, row) => duration((endedAt(tracked, row) - parseTime(tracked.startedAt)) / 1000);

/** Its time against its limit: both in words, the fraction, and what is left or over; null where it is not known or has no limit. */
export function timeSpent(tracked, row, now) {
  const { maxSeconds } = tracked;
  const seconds = ((endedAt(tracked, row) ?? now) - parseTime(tracked.startedAt)) / 1000;
  const isOver = maxSeconds !== null && seconds > maxSeconds;
  return {
    text: duration(seconds),
    of: maxSeconds === null ? null : duration(maxSeconds),
    fraction: maxSeconds === null ? null : seconds / maxSeconds,
    left: maxSeconds === null || isOver || isEnded(row) ? null : duration(maxSeconds - seconds),
    over: isOver ? duration(seconds - maxSeconds) : null,
  };
}

/** The same of its cost, with what it costs in an hour, and where it leads: `atEnd`, `usedUpIn` and the time of day `usedUpAt`. */
export function costSpent(tracked, row, now) {
  const { cost, maxCost } = tracked;
  const { perHour, over, atEnd, usedUpAt } = spending(tracked, row);
  const isWithin = atEnd !== null && (maxCost === null || atEnd <= maxCost);
  const isUsedUp = over === null && !isWithin && usedUpAt !== null;
  return {
    text: money(cost),
    of: maxCost === null ? null : money(maxCost),
    fraction: maxCost === null ? null : cost / maxCost,
    perHour: perHour === null ? null : money(perHour),
    over: over === null ? null : money(over),
    atEnd: over === null && isWithin ? money(atEnd) : null,
    isUsedUp: isUsedUp && usedUpAt <= now,
    usedUpIn: isUsedUp && usedUpAt > now ? duration((usedUpAt - now) / 1000) : null,
    usedUpAt: isUsedUp && usedUpAt > now ? clockTime(usedUpAt, now) : null,
  };
}

/** The files to show of a list, the last first: a few of them, or all as far as they are drawn. */
export const filesShown = (files, all) => files.slice(all ? -MOST_FILES : -FEW_FILES).reverse();

export const FEW_FILES = 5;
export const MOST_FILES = 1000;

/** Which limits were reached, in words. */
export const limitsText = (tracked) => (tracked ? limitsOf(tracked).join(", ") : "");
