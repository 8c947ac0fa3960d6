/** A curve: parallel arrays in step order; a null value is a gap whose reason is in `flags`. */
export const EMPTY_CURVE = { attempt: null, revision: -1, steps: [], values: [], epochs: [], times: [], flags: {} };

export const curveFrom = (answer) => ({
  attempt: answer.attempt,
  revision: answer.revision,
  steps: answer.steps,
  values: answer.values,
  epochs: answer.epochs,
  times: answer.times,
  flags: answer.flags ?? {},
});

const KEYS = ["steps", "values", "epochs", "times"];

/** Those of `points` that are news to `curve`: after its last, or in place of that with another value. */
export function after(curve, points) {
  const [last, value] = [curve.steps.at(-1) ?? -Infinity, curve.values.at(-1)];
  const fresh = points.steps.findIndex((step, i) => step > last || (step === last && points.values[i] !== value));
  const cut = (key) => (fresh < 0 ? [] : points[key].slice(fresh));
  return { steps: cut("steps"), values: cut("values"), epochs: cut("epochs"), times: cut("times"), flags: points.flags };
}

/** Add points in place, one at the last step instead of the last; false, and nothing changed, if one is before that: fetch again. */
export function append(curve, points) {
  let last = curve.steps.at(-1) ?? -Infinity;
  for (const step of points.steps) {
    if (step < last) return false;
    last = step;
  }
  points.steps.forEach((step, i) => {
    const end = curve.steps.length;
    const at = step === curve.steps[end - 1] ? end - 1 : end;
    for (const key of KEYS) curve[key][at] = points[key][i];
  });
  Object.assign(curve.flags, points.flags);
  return true;
}

/** `curve` with everything between two steps replaced by the finer `detail`. */
export function refine(curve, detail, from, to) {
  const first = curve.steps.findIndex((step) => step >= from);
  const after = curve.steps.findIndex((step) => step > to);
  const start = first < 0 ? curve.steps.length : first;
  const end = after < 0 ? curve.steps.length : after;
  const join = (key) => [...curve[key].slice(0, start), ...detail[key], ...curve[key].slice(end)];
  return {
    ...curve,
    steps: join("steps"),
    values: join("values"),
    epochs: join("epochs"),
    times: join("times"),
    flags: { ...curve.flags, ...detail.flags },
  };
}

/** Plotly draws times as UTC; shifted thus, they read as this browser's clock does. */
export const asWallClock = (ms) => ms - new Date(ms).getTimezoneOffset() * 60_000;

/** Where the points stand on the x axis: their step, epoch or time. */
export function along(curve, axis, from = 0) {
  if (axis === "time") return curve.times.slice(from).map(asWallClock);
  if (axis !== "epoch") return curve.steps.slice(from);
  return fractionalEpochs(curve).slice(from);
}

/** Epochs as reported are whole numbers; the points of one are spread over it by step. */
function fractionalEpochs({ epochs, steps }) {
  const spread = [];
  let longest = 1;
  for (let start = 0; start < epochs.length; ) {
    let end = start;
    while (end < epochs.length && epochs[end] === epochs[start]) end += 1;
    // The last epoch is not over: take it to be as long as the longest so far.
    longest = Math.max(longest, (steps[end] ?? steps[end - 1] + 1) - steps[start]);
    const width = end < epochs.length ? steps[end] - steps[start] : longest;
    for (let i = start; i < end; i += 1) {
      spread.push(epochs[start] === null ? null : epochs[start] - 1 + (steps[i] - steps[start]) / width);
    }
    start = end;
  }
  return spread;
}

/** Bias-corrected exponential moving average that steps over gaps; weight 0 returns the values. */
export function smooth(values, weight) {
  if (weight === 0) return values;
  let mean = 0;
  let share = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return mean / share;
  });
}

/** The points that have no finite value, each drawn at the height of the one before it. */
export function gaps(curve) {
  const found = [];
  let height = 0;
  curve.values.forEach((value, i) => {
    if (value !== null) height = value;
    else found.push({ index: i, step: curve.steps[i], height, flag: curve.flags[curve.steps[i]] ?? "gap" });
  });
  return found;
}

export const peak = (values) => values.reduce((top, value) => (value !== null && value > top ? value : top), 0);
