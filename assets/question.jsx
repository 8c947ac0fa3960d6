import { useId } from "react";
import { useSteady } from "./steady.js";

/**
 * Asks before something that cannot be taken back; `verb` is on the button that does it, none if `onYes` is null. The click that opened
 * it may have been a double click, which answers nothing.
 */
export function Question({ box, name, title, children, verb = "Delete", no = "Keep", onYes }) {
  const steady = useSteady(verb);
  const id = useId();
  const close = () => box.current.close();
  const act = () => {
    close();
    onYes();
  };
  return (
    <dialog
      ref={box}
      id={name}
      className="dialog card"
      aria-labelledby={id}
      aria-describedby={`${id}-words`}
      onClick={(event) => event.target === box.current && event.detail === 1 && close()}
    >
      <h3 id={id}>{title}</h3>
      <div id={`${id}-words`}>{children}</div>
      <div className="dialog-acts">
        <button type="button" className="button" autoFocus onClick={close}>
          {no}
        </button>
        {onYes ? (
          <button type="button" className="button is-danger is-filled" {...steady(act)}>
            {verb}
          </button>
        ) : null}
      </div>
    </dialog>
  );
}
