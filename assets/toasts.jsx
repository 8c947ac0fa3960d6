import { useEffect, useState } from "react";
import { Link } from "react-router";
import { getJson } from "./api.js";
import { parseTime } from "./format.js";
import { Icon } from "./icons.jsx";
import { serverNow, setServerNow } from "./server_time.js";
import { useStore } from "./store.js";
import { createTally } from "./tally.js";
import { add, close, closeAll, toasts, unseen } from "./toast_list.js";

const AT_ONCE = 3;
const MISSED_WITHIN_MS = 60_000;
const SHOWN_MS = { info: 6000, success: 6000, warning: 9000, error: 12000 };

const tally = createTally();
let firstJoin = null;
let lastWelcome = null;

/** What happened lately, unheard, since this page was opened. */
async function missed(now) {
  const { notifications } = await getJson("/api/tasks?limit=1");
  const since = Math.max(firstJoin, now - MISSED_WITHIN_MS);
  const fresh = unseen(notifications);
  return fresh.filter((note) => parseTime(note.createdAt) >= since).sort((a, b) => a.id - b.id);
}

export function Toasts({ frame, joined }) {
  const shown = useStore(toasts, (value) => value.shown);
  const [pointed, setPointed] = useState(null);
  const [focused, setFocused] = useState(null);
  const catchUp = (now) => missed(now).then(add, () => null);
  useEffect(() => {
    // A page that opens hears the welcome of the one before again.
    if (!joined?.n || joined === lastWelcome) return;
    lastWelcome = joined;
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
  const more = shown.length - AT_ONCE;
  // If another one left, that which is looked at would move away.
  const held = shown.some(({ id }) => id === pointed || id === focused);
  return (
    <section className="toasts" aria-label="Notifications" aria-live="polite">
      {shown.slice(0, AT_ONCE).map((note) => (
        <Toast key={note.id} note={note} held={held} onPoint={setPointed} onFocus={setFocused} />
      ))}
      {more > 0 ? (
        <button type="button" className="toast-more" onClick={closeAll} title="Close all">
          {more} more
        </button>
      ) : null}
    </section>
  );
}

/** One notification, which goes by itself unless it is `held`; tells which one is pointed at, and which has the focus. */
function Toast({ note, held, onPoint, onFocus }) {
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => close(note.id), SHOWN_MS[note.level] ?? SHOWN_MS.info);
    return () => clearTimeout(timer);
  }, [held, note.id]);
  return (
    <div
      className={`toast is-${note.level}`}
      onMouseEnter={() => onPoint(note.id)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onFocus(note.id)}
      onBlur={() => onFocus(null)}
    >
      <span className="notice-mark">
        <Icon name={note.level} size={16} />
      </span>
      <div className="toast-words">
        <p className="notice-title">{note.title}</p>
        {note.message ? <p className="notice-message">{note.message}</p> : null}
        {note.taskId ? <Link to={`/tasks/${note.taskId}`} onClick={() => close(note.id)}>Open task</Link> : null}
      </div>
      <button type="button" className="button is-icon" aria-label="Close notification" onClick={() => close(note.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
