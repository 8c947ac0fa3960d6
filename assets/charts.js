import { mainMetric } from "./main_metric.js";
import { nonfiniteValue } from "./nonfinite.js";
import { useStore } from "./store.js";
import { overlay, task } from "./task.js";

// Which series a task's page has curves of, and which attempts they are of.

const namesOf = (series) => [...new Set(series.map((each) => each.name))].sort();

const ofAgents = (value) => value.row?.type === "agent";

/** The name of the series that matters most. */
export const mainName = ({ row, series }) =>
  mainMetric({ ...row?.metrics, ...Object.fromEntries(namesOf(series).map((name) => [name, 1])) }) ?? "loss";

/** The names of every other series; of an agent's task of every one there is. */
export function useOtherNames() {
  const main = useStore(task, (value) => (ofAgents(value) ? null : mainName(value)));
  const series = useStore(task, (value) => value.series);
  return namesOf(series).filter((name) => name !== main);
}

/** The attempts there are beside the current one, which of them is chosen, and which curves are laid beneath it. */
export function useAttempts(choice) {
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const series = useStore(task, (value) => value.series);
  const overlaid = useStore(task, (value) => value.overlaid);
  const attempts = [...new Set([current, ...series.map((each) => each.attempt)])].filter(Boolean).sort((a, b) => b - a);
  const earlier = attempts.filter((each) => each !== current);
  const chosen = choice === "current" ? null : Number(choice);
  return {
    current,
    earlier,
    chosen,
    isAll: chosen === null && earlier.length > 0 && earlier.every((each) => overlaid.includes(each)),
    beneath: attempts.filter((each) => overlaid.includes(each) && each !== (chosen ?? current)),
  };
}

/** Lay every curve beneath for "all"; whoever chooses otherwise then sees none of them. */
export function chooseAttempt(value, { earlier, isAll }) {
  if (value === "all") overlay(earlier);
  else if (isAll) overlay([]);
}

/** The newest value of a series in words, and whether it is none. */
export function latestOf({ row, series }, name) {
  const sign = nonfiniteValue(row, name);
  if (sign) return sign;
  const value = row?.metrics?.[name] ?? series.findLast((each) => each.name === name)?.lastValue;
  return Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : "--";
}
