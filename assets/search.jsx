import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { ask, overview } from "./overview.js";
import { useStore } from "./store.js";

/** A field that searches the list a moment after one has typed; the key "/" leads there. */
export function Search({ label, placeholder }) {
  const value = useStore(overview, (held) => held.query.q);
  const [text, setText] = useState(value);
  const box = useRef(null);
  const timer = useRef(null);
  // The address holds it trimmed; a space at its end is the beginning of the next word.
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const focus = (event) => {
      if (event.key !== "/" || /^(input|textarea|select)$/i.test(event.target.tagName)) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, []);
  const type = (event) => {
    const typed = event.target.value;
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask({ q: typed.trim() }), 200);
  };
  return (
    <label className="search">
      <span className="sr">{label}</span>
      <Icon name="search" />
      <input ref={box} type="search" placeholder={placeholder} value={text} onChange={type} />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
