import { useEffect, useState } from "react";
import { counted } from "./format.js";
import { Icon } from "./icons.jsx";
import { choose, find, search } from "./log.js";
import { useStore } from "./store.js";

const TYPING_MS = 250;

/** A field that searches the whole log a moment after one has typed, with ways from match to match. */
export function LogFinder({ disabled }) {
  const [typed, setTyped] = useState("");
  const { text, matches, at, whole, cut, problem } = useStore(search, (value) => value);
  useEffect(() => {
    const soon = setTimeout(() => typed !== search.get().text && find(typed), TYPING_MS);
    return () => clearTimeout(soon);
  }, [typed]);
  const none = whole && matches.length === 0;
  const nothing = !whole ? "Searching…" : problem ? "No answer" : "None";
  const tally = matches.length === 0 ? nothing : `${counted(at + 1)} of ${counted(matches.length)}${cut || !whole ? "+" : ""}`;
  const press = (event) => {
    if (event.key === "Escape") setTyped("");
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (typed !== text || none) find(typed);
    else choose(at + (event.shiftKey ? -1 : 1));
  };
  return (
    <div className="log-finder" role="search">
      <label className="search">
        <Icon name="search" size={14} />
        <input
          type="search"
          placeholder="Search the log"
          aria-label="Search the log"
          value={typed}
          disabled={disabled}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={press}
        />
      </label>
      {text ? (
        <>
          <span className="num caption">{tally}</span>
          <button type="button" className="button is-icon" aria-label="Match further up" title="Further up (Enter)" onClick={() => choose(at + 1)}>
            <Icon name="up" size={14} />
          </button>
          <button type="button" className="button is-icon" aria-label="Match further down" title="Further down (Shift + Enter)" onClick={() => choose(at - 1)}>
            <Icon name="down" size={14} />
          </button>
        </>
      ) : null}
    </div>
  );
}
