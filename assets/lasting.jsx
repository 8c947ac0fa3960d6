import { Fragment, useEffect, useRef } from "react";

/** The last `value` that was known. */
export function useLast(value, known) {
  const last = useRef(value);
  if (known) last.current = value;
  return last.current;
}

/**
 * Its children, from when it is known what they are `of` until the page is left: a server that was started again knows nothing for
 * a moment, and that must not take away what somebody has typed. With another `of` they begin anew; with "" there are words instead.
 */
export function Lasting({ of, otherwise, onLeave, children }) {
  const last = useLast(of, of !== null);
  const shown = useRef(false);
  shown.current = Boolean(last);
  useEffect(() => () => shown.current && onLeave(), []);
  if (last === null) return <div className="card ghost-card" aria-busy="true" />;
  return last ? <Fragment key={last}>{children}</Fragment> : <p className="hint">{otherwise}</p>;
}
