import { useEffect, useRef, useState } from "react";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const ENDS = { Home: 0, End: -1 };

/**
 * A button that opens a menu. Its children have the role `menuitem`; the one that is chosen closes it.
 * An open menu stays as it was opened, so that no other item comes under the pointer.
 */
export function Menu({ label, face, className, children }) {
  const [held, setHeld] = useState(null);
  const open = held !== null;
  const box = useRef(null);
  const button = useRef(null);
  const items = () => [...box.current.querySelectorAll("[role=menuitem]")];
  useEffect(() => {
    if (!open) return undefined;
    items()[0].focus();
    const elsewhere = (event) => box.current.contains(event.target) || setHeld(null);
    document.addEventListener("pointerdown", elsewhere);
    return () => document.removeEventListener("pointerdown", elsewhere);
  }, [open]);
  const close = () => {
    setHeld(null);
    button.current.focus();
  };
  const key = (event) => {
    if (!open) return;
    if (event.key === "Escape") close();
    if (event.key === "Tab") setHeld(null);
    const all = items();
    const at = all.indexOf(document.activeElement);
    const next = event.key in STEPS ? (at + STEPS[event.key] + all.length) % all.length : ENDS[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all.at(next).focus();
  };
  return (
    <div ref={box} className="menu-box" onKeyDown={key}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setHeld(open ? null : children)}
      >
        {face}
      </button>
      {/* Hidden and not taken away: the one that is chosen acts after the menu has closed. */}
      <div className="menu card" role="menu" aria-label={label} hidden={!open} onClickCapture={close}>
        {held ?? children}
      </div>
    </div>
  );
}
