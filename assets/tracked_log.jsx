import { useEffect, useLayoutEffect, useRef } from "react";
import { useNow } from "./clock.jsx";
import { exactClock, fullTime, parseTime } from "./format.js";
import { Icon } from "./icons.jsx";
import { useStore } from "./store.js";
import { task } from "./task.js";
import { applyFrame, choose, eventLog, open, rejoined, showOlder } from "./tracked_events.js";

const TYPES = { "": "All", action: "Actions", progress: "Progress", error: "Errors" };

const NONE = {
  "": "Nothing has happened yet.",
  action: "No action was finished.",
  progress: "No criterion was verified, no limit was reached.",
  error: "No error was reported.",
};

/** What happened to a tracked task, as it does; nothing for other tasks. */
export function TrackedLog({ frame, joined }) {
  const taskId = useStore(task, (value) => value.tracked?.taskId ?? null);
  const attempt = useStore(task, (value) => value.tracked?.attempt ?? null);
  useEffect(() => {
    if (taskId) open(taskId, attempt);
  }, [taskId, attempt]);
  useEffect(() => {
    if (joined?.n) rejoined();
  }, [joined]);
  useEffect(() => {
    if (frame?.taskId && frame.taskId === task.get().id) applyFrame(frame);
  }, [frame]);
  return taskId ? <Log /> : null;
}

const ROW_PX = 32;
const MOST_ROWS = 14;

/** What lets the box stand as high while it is read as it stood before, and at first about as high as it will. */
function useHeld(loaded) {
  const box = useRef(null);
  const logged = useStore(task, (value) => value.tracked?.logs.length ?? 0);
  const height = useRef((logged < 10 ? logged : MOST_ROWS) * ROW_PX);
  useLayoutEffect(() => {
    if (loaded) height.current = box.current.offsetHeight;
  });
  return { ref: box, style: loaded ? undefined : { minHeight: height.current } };
}

function Log() {
  const { type, events, older, loaded, problem } = useStore(eventLog, (value) => value);
  const held = useHeld(loaded);
  return (
    <section className="card events" aria-label="Events">
      <header className="card-head">
        <h2>Events</h2>
        <div className="segments" role="group" aria-label="Which events">
          {Object.entries(TYPES).map(([each, label]) => (
            <button key={each} type="button" aria-pressed={type === each} onClick={() => choose(each)}>
              {label}
            </button>
          ))}
        </div>
      </header>
      {problem ? (
        <p className="hint" role="status">
          {problem}
        </p>
      ) : null}
      <div className="events-held" {...held}>
        {events.length === 0 ? <p className="events-none hint">{loaded ? NONE[type] : "Reading…"}</p> : <Lines events={events} older={older} />}
      </div>
    </section>
  );
}

function Lines({ events, older }) {
  const stopped = useStore(task, (value) => value.row?.status === "stopped");
  return (
    <div className="events-box" tabIndex={0} role="region" aria-label="Events, the newest first">
      <ol>
        {events.map((event) => (
          <Event key={event.id} event={event} obeyed={stopped && event.eventType === "complete"} />
        ))}
      </ol>
      {older ? (
        <button type="button" className="button is-small" onClick={showOlder}>
          Show older
        </button>
      ) : null}
    </div>
  );
}

const failed = ({ eventType, details }) => (eventType === "action" || eventType === "complete") && details.success === false;

/** What an event looks like. Who was stopped did not fail, though to its tracker that is one. */
function toneOf(event, obeyed) {
  if (obeyed) return "info";
  if (event.eventType === "error" || failed(event)) return "error";
  if (event.details.limit) return "warning";
  return event.eventType === "start" || event.eventType === "action" ? "info" : "success";
}

/** An action brings its own mark along, as the first character of what it says. */
function wordsOf({ eventType, message }, tone, obeyed) {
  if (obeyed) return [<Icon key="mark" name="stopped" size={14} />, "Task stopped"];
  if (eventType === "action") return [message.slice(0, 2), message.slice(2)];
  return [<Icon key="mark" name={eventType === "start" ? "running" : tone} size={14} />, message];
}

/** One line; `obeyed` if with it the task ended because a person wanted it to. */
function Event({ event, obeyed }) {
  const now = useNow(true);
  const at = parseTime(event.timestamp);
  const tone = toneOf(event, obeyed);
  const [mark, words] = wordsOf(event, tone, obeyed);
  return (
    <li className={`is-${tone} of-${event.eventType}`}>
      <span className="event-mark">{mark}</span>
      <span className="event-words">{words}</span>
      <time className="caption num" dateTime={event.timestamp} title={fullTime(at)}>
        {now ? exactClock(at, now) : ""}
      </time>
    </li>
  );
}
