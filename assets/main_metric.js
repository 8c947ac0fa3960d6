import { counted, metric } from "./format.js";
import { figureOf, money } from "./tracked.js";

/** The metric that matters most of those a task reports. */
export function mainMetric(metrics) {
  const names = Object.keys(metrics ?? {});
  return ["loss", "train_loss", "train/loss", "val_loss"].find((name) => names.includes(name)) ?? names[0] ?? null;
}

/** The name of the figure that a row shows, null for none: that of an agent's task counts rather than measures. */
export const rowMetric = (row) => (row?.type === "agent" ? figureOf(row) : mainMetric(row?.metrics));

/** That figure as people read it. */
export function rowFigure(row) {
  const name = rowMetric(row);
  const value = row?.metrics?.[name];
  if (row?.type !== "agent") return metric(value);
  if (name === null) return "";
  if (name === "cost") return money(value);
  return Number.isInteger(value) ? counted(value) : metric(value);
}
