import { useSteady } from "./steady.js";

/** Asks before something is deleted for good. The click that opened it may have been a double click, which answers nothing. */
export function Question({ box, title, children, onDelete }) {
  const steady = useSteady(null);
  const close = () => box.current.close();
  const remove = () => {
    close();
    onDelete();
  };
  return (
    <dialog
      ref={box}
      className="dialog card"
      aria-labelledby="question"
      aria-describedby="question-words"
      onClick={(event) => event.target === box.current && event.detail === 1 && close()}
    >
      <h3 id="question">{title}</h3>
      <div id="question-words">{children}</div>
      <div className="dialog-acts">
        <button type="button" className="button" autoFocus onClick={close}>
          Keep
        </button>
        {onDelete ? (
          <button type="button" className="button is-danger is-filled" {...steady(remove)}>
            Delete
          </button>
        ) : null}
      </div>
    </dialog>
  );
}
