import { useEffect, useRef } from "react";
import { Icon } from "./icons.jsx";

/** The two ways to send the form of a new job. When it comes back refused, the first field that is wrong has the focus. */
export function CreateButtons({ problems }) {
  const start = useRef(null);
  const wrong = Object.keys(problems).join();
  useEffect(() => {
    if (!wrong) return;
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
