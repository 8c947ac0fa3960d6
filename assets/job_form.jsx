import { useEffect, useRef, useState } from "react";
import { formId } from "./form_id.js";
import { Icon } from "./icons.jsx";

/**
 * The two ways to send the form of a new job. When it comes back refused, the first field that is wrong has the focus, unless
 * somebody has gone on in the form meanwhile.
 */
export function CreateButtons({ problems }) {
  const start = useRef(null);
  const waits = useRef(false);
  const [form] = useState(formId);
  useEffect(() => {
    const fields = start.current.form;
    const wait = () => (waits.current = true);
    const goOn = () => (waits.current = false);
    fields.addEventListener("submit", wait);
    fields.addEventListener("focusin", goOn);
    fields.addEventListener("input", goOn);
    return () => {
      fields.removeEventListener("submit", wait);
      fields.removeEventListener("focusin", goOn);
      fields.removeEventListener("input", goOn);
    };
  }, []);
  useEffect(() => {
    if (!waits.current || Object.keys(problems).length === 0) return;
    const field = start.current.form.querySelector("[aria-invalid=true]");
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  }, [problems]);
  // What a submit button says of itself is not among the fields that are sent.
  const send = (value) => () => {
    start.current.value = value;
  };
  return (
    <>
      <input type="hidden" name="form" value={form} />
      <input type="hidden" name="start" ref={start} defaultValue="" />
      <button type="submit" className="button is-primary" onClick={send("yes")}>
        <Icon name="running" size={14} /> Create and start
      </button>
      <button type="submit" className="button" onClick={send("")}>
        Create
      </button>
    </>
  );
}
