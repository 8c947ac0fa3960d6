import { useEffect, useState } from "react";
import { KeyTrial, Snippet } from "./copy.jsx";
import { formId } from "./form_id.js";

/** The card of the keys, which are its children. What is typed for a new one, and that key itself, are kept here alone, and gone with the page. */
export function KeyCard({ scopes, expiries, answer, onCreate, onTaken, children }) {
  const [form, setForm] = useState(null);
  const [made, setMade] = useState(null);
  useEffect(() => {
    if (!answer.key) return;
    if (answer.form === form) {
      setMade(answer);
      setForm(null);
    }
    onTaken();
  }, [answer]);
  const begin = () => {
    setMade(null);
    setForm(formId());
  };
  return (
    <section className="card settings-card">
      <header className="card-head">
        <h2>API keys</h2>
        {form === null ? (
          <button type="button" className="button" onClick={begin}>
            New key
          </button>
        ) : null}
      </header>
      <p className="hint">
        For programs: send one as <code>Authorization: Bearer …</code> or <code>X-API-Key</code>.
      </p>
      {form === null ? null : (
        <KeyForm
          scopes={scopes}
          expiries={expiries}
          problem={answer.form === form ? answer.problem : ""}
          onCreate={(...fields) => onCreate(form, ...fields)}
          onCancel={() => setForm(null)}
        />
      )}
      {made ? <NewKey made={made} onCopied={() => setMade(null)} /> : null}
      {children}
    </section>
  );
}

function KeyForm({ scopes, expiries, problem, onCreate, onCancel }) {
  const send = (event) => {
    event.preventDefault();
    const { label, scope, expiry } = event.target.elements;
    onCreate(label.value, scope.value, expiry.value);
  };
  return (
    <form className="settings-form" onSubmit={send}>
      <label className="field">
        <span>Label</span>
        <input name="label" placeholder="What is it for?" maxLength={100} autoComplete="off" autoFocus required />
      </label>
      <fieldset className="choices">
        <legend>What it may do</legend>
        {Object.entries(scopes).map(([scope, words]) => (
          <label key={scope}>
            <input type="radio" name="scope" value={scope} defaultChecked={scope === "ingest"} />
            <span>
              <strong>{scope}</strong> <span>{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span>Expires</span>
        <span className="select">
          <select name="expiry">
            {expiries.map((words) => (
              <option key={words} value={words}>
                {words[0].toUpperCase() + words.slice(1)}
              </option>
            ))}
          </select>
        </span>
      </label>
      {problem ? (
        <p className="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <div className="settings-acts">
        <button type="submit" className="button is-primary">
          Create key
        </button>
        <button type="button" className="button is-quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function NewKey({ made, onCopied }) {
  return (
    <div className="settings-new" role="status">
      <p>
        The key <strong>{made.label}</strong> is ready. It is shown this once: copy it now.
      </p>
      <Snippet label="Key" text={made.key} />
      {made.reports ? (
        <KeyTrial secret={made.key} path="/hook" body='{"taskName": "my first run", "progress": "45%"}' />
      ) : (
        <KeyTrial secret={made.key} path="/api/me" />
      )}
      <div>
        <button type="button" className="button" onClick={onCopied}>
          I have copied it
        </button>
      </div>
    </div>
  );
}
