import { duration, parseTime, sentence } from "./format.js";
import { isEnded, livenessOf } from "./liveness.js";

// What can be done to a job, as the server will see it; `may` holds the rights `simulate` and `operate` of who looks.

/** Whether a start can be asked for: it has ended, or nobody has asked yet. */
export const canStart = (row) => isEnded(row) || (row.status === "queued" && !row.isWaiting);

/** Whether it waits or runs, and nobody has asked it to stop. */
export const canStop = (row) => !canStart(row) && !row.stopRequested;

export const canDelete = (row) => isEnded(row) || row.status === "queued";

/** Whether a person may say how it ended: of a job, once it is lost, for until then it is stopped instead. */
export const canMarkEnded = (row, now) => !isEnded(row) && (!row.isJob || livenessOf(row, now) === "lost");

/** Pretending is for everybody here, real processes are for operators. */
export const mayRun = (row, may) => (row.source === "simulated" ? may.simulate : may.operate);

/** How long the stage of stopping that it is in lasts: "12s"; "" where none follows. */
export const restOfStage = ({ stopStageEndsAt }, now) => (stopStageEndsAt ? duration((parseTime(stopStageEndsAt) - now) / 1000) : "");

/** "resnet50 - 10 epochs - LR 0.001" */
export const subtitle = (job) =>
  `${job.modelName} - ${job.epochs} ${job.epochs === 1 ? "epoch" : "epochs"} - LR ${job.learningRate}`;

/** What a job runs, with which values. */
export function launched(job) {
  if (!job) return [];
  const { template, command, parameters = {}, gpu = "none", seed, speed } = job.options;
  return [
    ["Template", template],
    ["Command", command?.join(" ")],
    ["Batch size", job.batchSize],
    ...Object.entries(parameters).map(([name, value]) => [sentence(name), String(value)]),
    ["GPU required", gpu === "none" ? null : String(gpu)],
    ["Points a second", speed],
    ["Seed", seed === null || seed === undefined ? null : String(seed)],
  ];
}
