import { Link, useNavigate } from "react-router";
import { Ago } from "./clock.jsx";
import { Icon } from "./icons.jsx";
import { overview } from "./overview.js";
import { useStore } from "./store.js";

const SHOWN = 12;

export function Notices() {
  const notes = useStore(overview, (value) => value.notes);
  const loaded = useStore(overview, (value) => value.loaded);
  const problem = useStore(overview, (value) => value.problem);
  if (!loaded) return <div className="card ghost-card" aria-busy="true" />;
  if (notes.length === 0 && problem) return <p className="hint">Not known: {problem}</p>;
  if (notes.length === 0) return <p className="hint">Starts, ends and messages are listed here.</p>;
  return (
    <ol className="notices card" aria-label="Notifications">
      {notes.slice(0, SHOWN).map((note) => (
        <Notice key={note.id} note={note} />
      ))}
    </ol>
  );
}

function Notice({ note }) {
  const navigate = useNavigate();
  const to = note.taskId ? `/tasks/${note.taskId}` : null;
  return (
    // The title is the link; a click beside it is a convenience of the mouse.
    <li
      className={`notice is-${note.level}${to ? " leads" : ""}`}
      onClick={to ? (event) => event.target.closest("a") || navigate(to) : undefined}
    >
      <span className="notice-mark">
        <Icon name={note.level} size={14} />
      </span>
      <div>
        <p className="notice-title">{to ? <Link to={to}>{note.title}</Link> : note.title}</p>
        {note.message ? <p className="notice-message">{note.message}</p> : null}
      </div>
      <Ago at={note.createdAt} className="caption num" />
    </li>
  );
}
