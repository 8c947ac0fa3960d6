import { useEffect, useRef, useState } from "react";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const ENDS = { Home: 0, End: -1 };

/** A button that opens a menu. Its children have the role `menuitem`; the one that is chosen closes it. */
export function Menu({ label, face, className, children }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const button = useRef(null);
  const items = () => [...box.current.querySelectorAll("[role=menuitem]")];
  useEffect(() => {
    if (!open) return undefined;
    items()[0].focus();
    const elsewhere = (event) => box.current.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", elsewhere);
    return () => document.removeEventListener("pointerdown", elsewhere);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current.focus();
  };
  const key = (event) => {
    if (!open) return;
    if (event.key === "Escape") close();
    if (event.key === "Tab") setOpen(false);
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
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {/* Hidden and not taken away: the one that is chosen acts after the menu has closed. */}
      <div className="menu card" role="menu" aria-label={label} hidden={!open} onClickCapture={close}>
        {children}
      </div>
    </div>
  );
}
