import { useRef, useState } from "react";
import { signInAddress } from "./api.js";
import { useLast } from "./lasting.jsx";
import { TemplateFields, pick } from "./template_fields.jsx";
import { Words } from "./words.jsx";

const RUNNERS = {
  simulated: ["Simulated", "Pretends: a curve without a process, to try things out."],
  local: ["This machine", "A real process, from a template of this machine."],
};

/** What executes the new job, and what that needs to know; the children are for a simulated one. */
export function RunnerFields({ known, problems, signedIn, children, ...now }) {
  const { runners, offer, values } = useLast(now, known);
  const [runner, setRunner] = useState(values.runner);
  const [template, setTemplate] = useState(values.template ?? "");
  const suggested = useRef({});
  const choose = (form, name) => {
    setTemplate(name);
    suggest(form, pick(offer, name), suggested.current);
  };
  const run = (form, name) => {
    setRunner(name);
    const first = offer.templates?.find((each) => each.missing.length === 0);
    if (name === "local") choose(form, template || first?.name || "");
    else suggest(form, undefined, suggested.current);
  };
  return (
    <>
      <fieldset className="choices">
        <legend>Runner</legend>
        {runners.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="runner"
              value={name}
              checked={runner === name}
              onChange={(event) => run(event.target.form, name)}
            />
            <span>
              <strong>{RUNNERS[name][0]}</strong> <span>{RUNNERS[name][1]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Words of="runner" problems={problems} />
      {runners.includes("local") ? null : <Outside signedIn={signedIn} />}
      {runner === "local" ? (
        <TemplateFields offer={offer} chosen={template} values={values} problems={problems} onChoose={choose} />
      ) : null}
      <div hidden={runner !== "simulated"}>{children}</div>
    </>
  );
}

function Outside({ signedIn }) {
  if (signedIn) return <p className="field-about">Real processes on this machine are for those who may operate.</p>;
  return (
    <p className="field-about">
      <a href={signInAddress()}>Sign in</a> to run real processes on this machine.
    </p>
  );
}

/** Put what a template has as defaults into the fields that every job has, unless somebody typed there. */
function suggest(form, template, suggested) {
  for (const name of ["epochs", "stepsPerEpoch", "learningRate", "batchSize"]) {
    const field = form.elements[name];
    if (field.value !== (suggested[name] ?? field.defaultValue)) continue;
    const value = template?.shared[name]?.default ?? field.defaultValue;
    field.value = suggested[name] = String(value);
  }
}
