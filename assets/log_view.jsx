import { useEffect, useRef, useState } from "react";
import { logDownloadAddress } from "./addresses.js";
import { address } from "./api.js";
import { counted } from "./format.js";
import { Icon } from "./icons.jsx";
import { choose, find, follow, grown, log, open, rejoined, search, watch } from "./log.js";
import { LogPane } from "./log_pane.jsx";
import { isEnded } from "./liveness.js";
import { watchSight } from "./sight.js";
import { useStore } from "./store.js";
import { printed, task } from "./task.js";

const WRAPS = "trainwatch.log.wraps";
const TYPING_MS = 250;

/** What a task has printed; nothing for one that tells nobody what it prints. */
export function TaskLog({ frame, joined }) {
  const id = useStore(task, (value) => (prints(value) ? value.id : null));
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const attempts = useStore(task, (value) => value.attempts);
  const [chosen, setChosen] = useState(null);
  const attempt = chosen?.id === id ? chosen.attempt : current;
  // Whoever chooses the current attempt goes along with the next one, too.
  const turnTo = (attempt) => setChosen(attempt === current ? null : { id, attempt });
  useEffect(() => {
    if (id && attempt) open(id, attempt);
  }, [id, attempt]);
  useEffect(() => {
    if (joined?.n) rejoined();
  }, [joined]);
  useEffect(() => {
    if (!frame?.taskId) return;
    printed(frame.taskId);
    grown(frame);
  }, [frame]);
  if (!id) return null;
  return <Log id={id} attempt={attempt} attempts={attempts.map((each) => each.attempt)} onAttempt={turnTo} />;
}

const prints = ({ row, hasLog }) => hasLog || (row?.isJob && row.source !== "simulated");

function Log({ id, attempt, attempts, onAttempt }) {
  const card = useRef(null);
  const [wraps, setWraps] = useState(() => remembered() !== "no");
  const { held, following, passed, loaded, goal, problem, rules } = useStore(log, (value) => value);
  const { text, matches, at, problem: unfound } = useStore(search, (value) => value);
  const reason = useStore(task, (value) => reasonOf(value, attempt));
  const ended = useStore(task, (value) => value.row?.attempt !== attempt || isEnded(value.row));
  useEffect(() => watchSight(card.current, "200px", watch), []);
  const turnWraps = () => {
    setWraps(!wraps);
    remember(wraps ? "no" : "yes");
  };
  const isEmpty = held.total === 0;
  return (
    <section ref={card} className="card log" aria-label="Log">
      <header className="card-head">
        <h2>Log</h2>
        <div className="controls">
          <Finder key={`${id} ${attempt}`} disabled={isEmpty} />
          <button type="button" className="button is-small" aria-pressed={wraps} onClick={turnWraps}>
            Wrap
          </button>
          {attempts.length > 1 ? (
            <label className="select is-small">
              <span className="sr">Attempt</span>
              <select value={attempt} onChange={(event) => onAttempt(Number(event.target.value))}>
                {[...attempts].reverse().map((each) => (
                  <option key={each} value={each}>
                    Attempt {each}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          <a className="button is-small" href={address(logDownloadAddress(id, attempt))} download>
            <Icon name="download" size={14} /> Download
          </a>
        </div>
      </header>
      {problem || unfound ? (
        <p className="hint" role="status">
          {problem || unfound}
        </p>
      ) : null}
      {isEmpty ? (
        <p className="log-empty hint">{!loaded ? "Reading…" : ended ? "Nothing was printed." : "Nothing printed yet."}</p>
      ) : (
        <div className="log-box">
          <LogPane
            key={`${id} ${attempt} ${held.numbering}`}
            held={held}
            following={following}
            wraps={wraps}
            wanted={text}
            chosen={matches[at]}
            goal={goal}
            reason={reason}
            label={`Log of attempt ${attempt}`}
          />
          {following ? null : (
            <button type="button" className="button is-small log-jump" onClick={() => follow(true)}>
              Jump to the end{held.total > passed ? ` · ${counted(held.total - passed)} new` : ""}
            </button>
          )}
        </div>
      )}
      <Foot total={held.total} rules={rules} />
      <span className="sr" aria-live="polite">
        {matches.length ? `Match ${at + 1} of ${matches.length}` : ""}
      </span>
    </section>
  );
}

/** Why that attempt failed, as far as it is known. */
function reasonOf({ row, attempts }, attempt) {
  const it = row?.attempt === attempt ? row : attempts.find((each) => each.attempt === attempt);
  return it?.status === "failed" ? it.statusReason : null;
}

function Finder({ disabled }) {
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

const PROGRAMS = {
  boosting: "gradient boosting",
  deepspeed: "DeepSpeed",
  fastai: "fastai",
  huggingface: "Hugging Face Trainer",
  json: "JSON lines",
  keras: "Keras",
  megatron: "Megatron",
  pytorch: "PyTorch examples",
  rich: "Rich",
  text: "names with numbers",
  ultralytics: "Ultralytics",
};

function Foot({ total, rules }) {
  if (total === 0) return null;
  return (
    <p className="log-foot caption">
      <span className="num">
        {counted(total)} {total === 1 ? "line" : "lines"}
      </span>
      {rules.length ? <span>Read from what it prints: {rules.map((rule) => PROGRAMS[rule] ?? rule).join(", ")}</span> : null}
    </p>
  );
}

function remembered() {
  try {
    return localStorage.getItem(WRAPS);
  } catch {
    return null;
  }
}

function remember(value) {
  try {
    localStorage.setItem(WRAPS, value);
  } catch {
    // A browser that keeps nothing forgets this as well.
  }
}
