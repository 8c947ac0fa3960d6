import { useEffect, useState } from "react";
import { Link } from "react-router";
import { getJson } from "./api.js";
import { serverNow, setServerNow } from "./clock.jsx";
import { parseTime } from "./format.js";
import { Icon } from "./icons.jsx";
import { createTally } from "./tally.js";

const AT_ONCE = 3;
const MISSED_WITHIN_MS = 60_000;
const SHOWN_MS = { info: 6000, success: 6000, warning: 9000, error: 12000 };

const seen = new Set();
const tally = createTally();
let firstJoin = null;

/** Those of `notes` that this page has not shown yet. */
function unseen(notes) {
  const fresh = notes.filter((note) => !seen.has(note.id));
  fresh.forEach((note) => seen.add(note.id));
  return fresh;
}

/** What happened lately, unheard, since this page was opened. */
async function missed(now) {
  const { notifications } = await getJson("/api/tasks?limit=1");
  const since = Math.max(firstJoin, now - MISSED_WITHIN_MS);
  const fresh = unseen(notifications);
  return fresh.filter((note) => parseTime(note.createdAt) >= since).sort((a, b) => a.id - b.id);
}

export function Toasts({ frame, joined }) {
  const [shown, setShown] = useState([]);
  const add = (notes) => notes.length && setShown((held) => [...held, ...notes]);
  const catchUp = (now) => missed(now).then(add, () => null);
  useEffect(() => {
    if (!joined?.n) return;
    setServerNow(joined.serverNow);
    tally.begin(joined.sent.everyone);
    if (firstJoin === null) firstJoin = joined.serverNow;
    else catchUp(joined.serverNow);
  }, [joined]);
  useEffect(() => {
    if (!frame?.seq) return;
    add(unseen(frame.notifications));
    if (tally.missed(frame)) catchUp(serverNow());
  }, [frame]);
  const close = (id) => setShown((held) => held.filter((note) => note.id !== id));
  const more = shown.length - AT_ONCE;
  return (
    <section className="toasts" aria-label="Notifications" aria-live="polite">
      {shown.slice(0, AT_ONCE).map((note) => (
        <Toast key={note.id} note={note} close={close} />
      ))}
      {more > 0 ? (
        <button type="button" className="toast-more" onClick={() => setShown([])} title="Close all">
          {more} more
        </button>
      ) : null}
    </section>
  );
}

function Toast({ note, close }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => close(note.id), SHOWN_MS[note.level] ?? SHOWN_MS.info);
    return () => clearTimeout(timer);
  }, [held, note.id]);
  return (
    <div
      className={`toast is-${note.level}`}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="notice-mark">
        <Icon name={note.level} size={16} />
      </span>
      <div className="toast-words">
        <p className="notice-title">{note.title}</p>
        {note.message ? <p className="notice-message">{note.message}</p> : null}
        {note.taskId ? <Link to={`/tasks/${note.taskId}`}>Open task</Link> : null}
      </div>
      <button type="button" className="button is-icon" aria-label="Close notification" onClick={() => close(note.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
