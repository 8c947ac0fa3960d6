import { Link } from "react-router";
import { Ago } from "./clock.jsx";
import { Icon } from "./icons.jsx";
import { overview } from "./overview.js";
import { useStore } from "./store.js";

const SHOWN = 12;

export function Notices() {
  const notes = useStore(overview, (value) => value.notes);
  const loaded = useStore(overview, (value) => value.loaded);
  if (!loaded) return <div className="card ghost-card" aria-busy="true" />;
  if (notes.length === 0) return <p className="hint">Starts, ends and messages are listed here.</p>;
  return (
    <ol className="notices card" aria-label="Notifications">
      {notes.slice(0, SHOWN).map((note) => (
        <li key={note.id} className={`notice is-${note.level}`}>
          <span className="notice-mark">
            <Icon name={note.level} size={14} />
          </span>
          <div>
            <p className="notice-title">{note.taskId ? <Link to={`/tasks/${note.taskId}`}>{note.title}</Link> : note.title}</p>
            {note.message ? <p className="notice-message">{note.message}</p> : null}
          </div>
          <Ago at={note.createdAt} className="caption num" />
        </li>
      ))}
    </ol>
  );
}
