const WORDS = { nan: "NaN", inf: "∞", "-inf": "−∞" };

/** What the newest value of the metric of that name is where it is not finite, else null. */
export const nonfiniteValue = (row, name) => WORDS[row?.nonfinite?.[name]] ?? null;

/** "loss is NaN, grad_norm is ∞"; "" while all is finite. */
export const nonfiniteText = (row) =>
  Object.keys(row?.nonfinite ?? {})
    .map((name) => `${name} is ${nonfiniteValue(row, name)}`)
    .join(", ");
