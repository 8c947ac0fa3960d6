import { useState } from "react";
import { sentence } from "./format.js";
import { Words } from "./words.jsx";

const SHARED = {
  epochs: ["epochs", "Epochs"],
  steps_per_epoch: ["stepsPerEpoch", "Steps an epoch"],
  learning_rate: ["learningRate", "Learning rate"],
  batch_size: ["batchSize", "Batch size"],
};

const KEYS = { int: "numeric", float: "decimal" };

/** The template of that name, with those parameters apart that are fields of every job, by the names of these. */
export function pick(offer, name) {
  const template = offer.templates?.find((each) => each.name === name);
  if (!template) return undefined;
  const shared = template.parameters.filter((each) => each.name in SHARED);
  return {
    ...template,
    own: template.parameters.filter((each) => !(each.name in SHARED)),
    shared: Object.fromEntries(shared.map((each) => [SHARED[each.name][0], each])),
  };
}

/** Which command a real job runs, its parameters, and its GPU. */
export function TemplateFields({ offer, chosen, values, problems, onChoose }) {
  const template = pick(offer, chosen);
  const [free, setFree] = useState(Boolean(values.command) && offer.free);
  const take = (name) => (event) => {
    setFree(name === "");
    onChoose(event.target.form, name);
  };
  return (
    <>
      <fieldset className="choices is-templates">
        <legend>Template</legend>
        {offer.templates.map((each) => (
          <Choice
            key={each.name}
            value={each.name}
            title={each.title}
            about={each.missing.length > 0 ? `Needs ${each.missing.join(", ")}, which is not installed.` : each.help}
            disabled={each.missing.length > 0}
            checked={!free && chosen === each.name}
            onChange={take(each.name)}
          />
        ))}
        {offer.free ? (
          <Choice value="" title="A command" about="Whatever you type." checked={free} onChange={take("")} />
        ) : null}
        {offer.templates.length > 0 || offer.free ? null : (
          <p className="field-about">templates.toml in the data directory offers none.</p>
        )}
      </fieldset>
      {template || free || !chosen ? null : <p className="field-problem">The template {chosen} is no longer there.</p>}
      <Words of="template" problems={problems} />
      <Mistakes offer={offer} />
      {template ? <Limits template={template} /> : null}
      <div className="job-fields">
        {free ? (
          <Field
            name="command"
            label="Command"
            value={values.command}
            problems={problems}
            about="As in a terminal, but no shell reads it."
            wide
          />
        ) : null}
        {template?.own.map((each) => (
          <Parameter
            key={`${chosen} ${each.name}`}
            parameter={each}
            value={String(valueOf(each, chosen, values))}
            problems={problems}
          />
        ))}
        <Gpu value={values.gpu ?? "none"} problems={problems} />
      </div>
    </>
  );
}

function Choice({ value, title, about, disabled, checked, onChange }) {
  return (
    <label>
      <input type="radio" name="template" value={value} disabled={disabled} checked={checked} onChange={onChange} />
      <span>
        <strong>{title}</strong> <span>{about}</span>
      </span>
    </label>
  );
}

/** For whoever can mend the file. */
function Mistakes({ offer }) {
  const mistakes = [...offer.problems, ...offer.broken.map((each) => `${each.name} is left out: ${each.reason}`)];
  if (mistakes.length === 0) return null;
  return (
    <ul className="template-mistakes" aria-label="What is wrong with templates.toml">
      {mistakes.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}

/** What the template says of the fields that every job has. */
function Limits({ template }) {
  const limits = Object.values(template.shared)
    .map((each) => [SHARED[each.name][1], range(each)])
    .filter(([, words]) => words);
  if (limits.length === 0) return null;
  return (
    <p className="field-about">Here {limits.map(([label, words]) => `${label.toLowerCase()} ${words}`).join(", ")}.</p>
  );
}

function range({ type, min, max }) {
  if (type !== "int" && type !== "float") return "";
  if (min !== null && max !== null) return `${min} to ${max}`;
  if (max !== null) return `at most ${max}`;
  return min === null ? "" : `at least ${min}`;
}

const valueOf = (parameter, chosen, values) =>
  (values.template === chosen ? values[`parameters.${parameter.name}`] : undefined) ?? parameter.default ?? "";

function Parameter({ parameter, value, problems }) {
  const { type, help, optional, choices } = parameter;
  return (
    <Field
      name={`parameters.${parameter.name}`}
      label={sentence(parameter.name)}
      value={value}
      problems={problems}
      about={[help, range(parameter), optional ? "optional" : ""].filter(Boolean).join("; ")}
      type={type}
      choices={optional || value === "" ? ["", ...choices] : choices}
      wide={type === "path" || type === "text"}
    />
  );
}

function Field({ name, label, value, problems, about, type = "text", choices, wide }) {
  const facts = {
    id: name,
    name,
    "aria-invalid": Boolean(problems[name]),
    "aria-describedby": `${name}-words`,
  };
  return (
    <div className={wide ? "field is-wide" : "field"}>
      <label htmlFor={name}>{label}</label>
      <Control type={type} facts={facts} value={value} choices={choices} />
      <div id={`${name}-words`}>
        <Words of={name} problems={problems} about={about} />
      </div>
    </div>
  );
}

function Control({ type, facts, value, choices }) {
  if (type === "choice")
    return (
      <span className="select">
        <select {...facts} defaultValue={value}>
          {choices.map((each) => (
            <option key={each} value={each}>
              {each || "None"}
            </option>
          ))}
        </select>
      </span>
    );
  if (type === "bool")
    return (
      <span className="field-switch">
        {/* A box that is not ticked sends nothing, which would mean the default. */}
        <input type="hidden" name={facts.name} value="false" />
        <input type="checkbox" {...facts} value="true" defaultChecked={value === "true"} />
      </span>
    );
  return (
    <input
      {...facts}
      defaultValue={value}
      inputMode={KEYS[type] ?? "text"}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
    />
  );
}

/** None, any one, or one by its number, which is asked for then. */
function Gpu({ value, problems }) {
  const [kind, setKind] = useState(value === "none" || value === "any" ? value : "number");
  return (
    <>
      <div className="field">
        <label htmlFor="gpu-kind">GPU required</label>
        <span className="select">
          <select id="gpu-kind" value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="none">None</option>
            <option value="any">Any one</option>
            <option value="number">By its number</option>
          </select>
        </span>
        <div>
          <p className="field-about">The job has it alone, and waits until it is free.</p>
        </div>
      </div>
      {kind === "number" ? (
        <Field
          name="gpu"
          label="Number of the GPU"
          value={Number.isNaN(Number(value)) ? "" : value}
          problems={problems}
          about="As nvidia-smi counts, from 0."
          type="int"
        />
      ) : (
        <input type="hidden" name="gpu" value={kind} />
      )}
    </>
  );
}
