import { livenessOf } from "./liveness.js";
import { parseTime } from "./format.js";
import { serverNow } from "./server_time.js";

const MARGIN_MS = 1000;
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `changed` when one of the rows comes to be lost: only the clock says so, no frame does. */
export function createLossWatch(rows, changed) {
  let known = new Set();
  let timer = null;
  const look = () => {
    const now = serverNow();
    const running = [...rows().values()].filter((row) => row.status === "running");
    const lost = running.filter((row) => livenessOf(row, now) === "lost").map((row) => row.id);
    const due = running.map((row) => parseTime(row.lostAfterAt)).filter((at) => at > now);
    clearTimeout(timer);
    if (due.length) timer = setTimeout(again, Math.min(LONGEST_MS, Math.min(...due) - now + MARGIN_MS));
    return lost;
  };
  const again = () => {
    if (look().some((id) => !known.has(id))) changed();
  };
  return {
    /** The rows have been fetched, those that are lost in their places. */
    begin() {
      known = new Set(look());
    },
    /** Whether the row of that id was lost when the rows were fetched. */
    has: (id) => known.has(id),
  };
}
