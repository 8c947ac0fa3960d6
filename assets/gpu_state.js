import { ago, parseTime } from "./format.js";
import { livenessOf } from "./liveness.js";
import { overview } from "./overview.js";

const ACTIVE_FROM_PERCENT = 5;
const NAMED = 3;

/** Green, yellow, grey or red, and the one reason for it. `rows` may know newer deadlines of the GPU's tasks; `asOf` is said instead of all. */
export function gpuState(gpu, rows, now, asOf = null) {
  if (asOf) return { tone: "unknown", word: asOf, why: `Not connected: this is how it was ${asOf}` };
  if (gpu.error) return { tone: "error", word: "error", why: gpu.error };
  const live = gpu.tasks.filter((task) => livenessOf(rows.get(task.id) ?? task, now) === "live");
  if (live.length > 0) return { tone: "active", word: "active", why: `Active: running ${named(live)}` };
  const isFresh = gpu.sampledAt && now < parseTime(gpu.staleAfterAt);
  const busy = Math.round(gpu.utilizationPercent ?? 0);
  if (isFresh && gpu.utilizationPercent >= ACTIVE_FROM_PERCENT) return { tone: "active", word: "active", why: `Active: ${busy}% utilisation` };
  if (isFresh) return { tone: "idle", word: "idle", why: "Idle: no live task, utilisation below 5%" };
  const heard = gpu.sampledAt ? `last reading ${ago(now - parseTime(gpu.sampledAt))}` : "no readings yet";
  return { tone: "unknown", word: "no news", why: `No news: ${heard}, and no live task` };
}

function named(tasks) {
  const titles = tasks.slice(0, NAMED).map((task) => task.title);
  const more = tasks.length - titles.length;
  return titles.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The same as it is at a moment, by the rows that the page has by then. */
export const gpuStateAt = (gpu, asOf, now) => gpuState(gpu, overview.get().rows, now, asOf);
