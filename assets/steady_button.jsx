import { useSteady } from "./steady.js";

/** A button whose `meaning` may change under the pointer: what it did a moment ago it does not do by the same click. */
export function SteadyButton({ meaning, onAct, children, ...props }) {
  const steady = useSteady(meaning);
  return (
    <button type="button" {...props} {...steady(() => onAct())}>
      {children}
    </button>
  );
}
