import { useLast } from "./lasting.jsx";

// What the form of a new job works out of the templates of this machine.

/** Parameters of a template that are fields of every job, by their names there. */
const SHARED = { epochs: "epochs", steps_per_epoch: "stepsPerEpoch", learning_rate: "learningRate", batch_size: "batchSize" };

const KEYS = { int: "numeric", float: "decimal" };

/** The template of that name, with the parameters apart that are fields of every job, by the names of these; null if it is not there. */
export function pick(offer, name) {
  const template = offer?.templates?.find((each) => each.name === name);
  if (!template) return null;
  const shared = template.parameters.filter((each) => each.name in SHARED);
  return {
    ...template,
    own: template.parameters.filter((each) => !(each.name in SHARED)),
    shared: Object.fromEntries(shared.map((each) => [SHARED[each.name], each])),
  };
}

/** The last form that was known: a server that was started again knows nothing for a moment. */
export const useLastForm = (runners, offer, values, known) => useLast({ runners, offer, values }, known);

/** The first template that can be run here. */
export const firstTemplate = (offer) => offer?.templates?.find((each) => each.missing.length === 0)?.name ?? "";

/** "1 to 10", "at most 10", "at least 1"; "" for no limit. */
export function range({ type, min, max }) {
  if (type !== "int" && type !== "float") return "";
  if (min !== null && max !== null) return `${min} to ${max}`;
  if (max !== null) return `at most ${max}`;
  return min === null ? "" : `at least ${min}`;
}

/** What the template says of the fields that every job has: pairs of a label, as `labels` has it by the field, and a range. */
export const limitsOf = (template, labels) =>
  Object.entries(template?.shared ?? {})
    .map(([field, parameter]) => [labels[field], range(parameter)])
    .filter(([, words]) => words)
    .map((pair) => pair.join(" "))
    .join(", ");

/** What a parameter is filled in with: the value of the job that is made again, if it is of the same template, else the default. */
export const valueOf = (parameter, chosen, values) =>
  String((values.template === chosen ? values[`parameters.${parameter.name}`] : undefined) ?? parameter.default ?? "");

export const choicesOf = ({ optional, choices }, value) => (optional || value === "" ? ["", ...choices] : choices);

export const aboutParameter = (parameter) =>
  [parameter.help, range(parameter), parameter.optional ? "optional" : ""].filter(Boolean).join("; ");

export const keysOf = (type) => KEYS[type] ?? "text";

/** For whoever can mend the file. */
export const mistakesIn = (offer) => [...offer.problems, ...offer.broken.map((each) => `${each.name} is left out: ${each.reason}`)];

const suggested = new WeakMap();

/** Put what a template has as defaults into the fields that every job has, unless somebody typed there. */
export function suggest(form, template) {
  const before = suggested.get(form) ?? {};
  suggested.set(form, before);
  for (const name of Object.values(SHARED)) {
    const field = form.elements[name];
    if (field.value !== (before[name] ?? field.defaultValue)) continue;
    const value = template?.shared[name]?.default ?? field.defaultValue;
    field.value = before[name] = String(value);
  }
}
