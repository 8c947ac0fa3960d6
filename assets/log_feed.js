import { useEffect, useRef, useState } from "react";
import { grown, log, open, rejoined, search, watch } from "./log.js";
import { isEnded } from "./liveness.js";
import { watchSight } from "./sight.js";
import { useStore } from "./store.js";
import { printed, task } from "./task.js";

const WRAPS = "trainwatch.log.wraps";

const prints = ({ row, hasLog }) => hasLog || (row?.isJob && row.source !== "simulated");

/**
 * Feed the log of the page's task from the broadcast vars. `chosen` is the task and the attempt that somebody has chosen: of another task,
 * or of none, the current attempt is shown. `id` is null for a task that tells nobody what it prints.
 */
export function useLogFeed(frame, joined, chosen) {
  const id = useStore(task, (value) => (prints(value) ? value.id : null));
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const attempt = chosen?.id === id ? chosen.attempt : current;
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
  return { id, attempt, current };
}

/** What of it is on the page, with the `ref` of its card: while nobody can see that, nothing is fetched. */
export function useLog(attempt) {
  const card = useRef(null);
  const { held, following, passed, loaded, goal, problem, rules } = useStore(log, (value) => value);
  const { text, matches, at, problem: unfound } = useStore(search, (value) => value);
  const reason = useStore(task, (value) => reasonOf(value, attempt));
  const ended = useStore(task, (value) => value.row?.attempt !== attempt || isEnded(value.row));
  useEffect(() => watchSight(card.current, "200px", watch), []);
  return {
    card,
    held,
    total: held.total,
    numbering: held.numbering,
    fresh: held.total - passed,
    following,
    loaded,
    goal,
    rules,
    problem: problem || unfound,
    text,
    match: matches[at],
    matches: matches.length,
    at,
    reason,
    ended,
  };
}

/** Why that attempt failed, as far as it is known. */
function reasonOf({ row, attempts }, attempt) {
  const it = row?.attempt === attempt ? row : attempts.find((each) => each.attempt === attempt);
  return it?.status === "failed" ? it.statusReason : null;
}

/** Whether long lines are broken, as this browser remembers it, and what turns that. */
export function useWraps() {
  const [wraps, setWraps] = useState(() => remembered() !== "no");
  const turn = () => {
    setWraps(!wraps);
    remember(wraps ? "no" : "yes");
  };
  return { wraps, turn };
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
