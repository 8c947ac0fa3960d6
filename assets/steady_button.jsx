/** A button that does nothing by the further clicks of a double click, nor while it is `settling` into a new meaning. */
export const SteadyButton = ({ settling = false, onAct, children, ...props }) => (
  <button
    type="button"
    // Not `disabled`: that would take the focus away, and be seen.
    aria-disabled={settling}
    data-settling={settling ? "" : undefined}
    onClick={(event) => settling || event.detail > 1 || onAct()}
    {...props}
  >
    {children}
  </button>
);
