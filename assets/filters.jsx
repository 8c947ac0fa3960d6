import { useEffect, useRef, useState } from "react";
import { SORTS, STATUSES } from "./addresses.js";
import { counted } from "./format.js";
import { Icon } from "./icons.jsx";
import { ask, overview } from "./overview.js";
import { useStore } from "./store.js";

// Everything here lives in the address, so that a view can be sent to somebody.

export function ListTitle() {
  const archived = useStore(overview, (value) => value.query.archived);
  return <h1 className="page-title">{archived ? "Archived tasks" : "Tasks"}</h1>;
}

/** The states with their counts, and the archived tasks where there are any. */
export function StatusTabs() {
  const query = useStore(overview, (value) => value.query);
  const counts = useStore(overview, (value) => value.counts);
  const archived = useStore(overview, (value) => value.archived);
  const known = Object.keys(counts).length > 0;
  const all = known ? Object.values(counts).reduce((sum, n) => sum + n, 0) : null;
  return (
    <div className="tabs" role="group" aria-label="Filter by state">
      <Tab label="All" count={all} on={!query.status} choose={() => ask({ status: "" })} />
      {STATUSES.filter((status) => status !== "lost" || counts.lost || query.status === "lost").map((status) => (
        <Tab
          key={status}
          label={status[0].toUpperCase() + status.slice(1)}
          count={known ? (counts[status] ?? 0) : null}
          on={query.status === status}
          choose={() => ask({ status: query.status === status ? "" : status })}
        />
      ))}
      {archived > 0 || query.archived ? (
        <Tab label="Archived" count={archived} on={query.archived} choose={() => ask({ archived: !query.archived })} apart />
      ) : null}
    </div>
  );
}

/** Search and sort. */
export function Finders() {
  const query = useStore(overview, (value) => value.query);
  return (
    <div className="finders">
      <Search value={query.q} />
      <label className="select">
        <span className="sr">Sort by</span>
        <select value={query.sort} onChange={(event) => ask({ sort: event.target.value })}>
          {Object.entries(SORTS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

const Tab = ({ label, count, on, choose, apart = false }) => (
  <button type="button" className={apart ? "tab is-apart" : "tab"} aria-pressed={on} data-empty={count === 0} onClick={choose}>
    {label}
    <span className="num count">{count === null ? "" : counted(count)}</span>
  </button>
);

function Search({ value }) {
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
      <span className="sr">Search tasks</span>
      <Icon name="search" />
      <input ref={box} type="search" placeholder="Search" value={text} onChange={type} />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
