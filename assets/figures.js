import { UNKNOWN } from "./format.js";

/** An accuracy, which some tell as a fraction and some in percent. */
export const accuracy = (value) =>
  value === null || value === undefined ? UNKNOWN : `${(value > 1 ? value : value * 100).toFixed(1)}%`;
