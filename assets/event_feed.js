import { useEffect, useLayoutEffect, useRef } from "react";
import { exactClock, parseTime } from "./format.js";
import { useStore } from "./store.js";
import { task } from "./task.js";
import { applyFrame, open, rejoined } from "./tracked_events.js";

/** Feed the event log of a tracked task from the broadcast vars; returns the name that its tracker has for it, null for other tasks. */
export function useEventFeed(frame, joined) {
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
  return taskId;
}

const ROW_PX = 32;
const MOST_ROWS = 14;

/** The `ref` and `style` of a box that stands as high while it is read as it stood before, and at first about as high as it will. */
export function useHeldHeight(loaded) {
  const box = useRef(null);
  const logged = useStore(task, (value) => value.tracked?.logs.length ?? 0);
  const height = useRef((logged < 10 ? logged : MOST_ROWS) * ROW_PX);
  useLayoutEffect(() => {
    if (loaded) height.current = box.current.offsetHeight;
  });
  return { ref: box, style: loaded ? undefined : { minHeight: height.current } };
}

const failed = ({ eventType, details }) => (eventType === "action" || eventType === "complete") && details.success === false;

/** What an event looks like; `obeyed` if with it the task ended because a person wanted it to, which its tracker calls a failure. */
export function toneOf(event, obeyed) {
  if (obeyed) return "info";
  if (event.eventType === "error" || failed(event)) return "error";
  if (event.details.limit) return "warning";
  return event.eventType === "start" || event.eventType === "action" ? "info" : "success";
}

/** "14:32:07" of a time, on another day with the day. */
export const exactTimeOf = (at, now) => exactClock(parseTime(at), now);
