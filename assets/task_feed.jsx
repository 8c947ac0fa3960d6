import { useEffect } from "react";
import { useParams } from "react-router";
import { percent } from "./format.js";
import { isEnded } from "./liveness.js";
import { setServerNow } from "./server_time.js";
import { useStore } from "./store.js";
import { applyFrame, refused, rejoined, show, task } from "./task.js";

/** Feeds the page of one task from the broadcast vars; shows nothing itself. */
export function TaskFeed({ frame, joined, refusals }) {
  const id = Number(useParams().task_id) || null;
  const title = useStore(task, (value) => (value.gone ? "Deleted · TrainWatch" : value.row && titleOf(value.row)));
  useEffect(() => void show(id), [id]);
  useEffect(() => {
    if (!joined?.n) return;
    setServerNow(joined.serverNow);
    rejoined();
  }, [joined]);
  useEffect(() => {
    if (frame?.taskId) applyFrame(frame);
  }, [frame]);
  useEffect(() => {
    if (refusals) refused();
  }, [refusals]);
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  return null;
}

const titleOf = (row) =>
  `${isEnded(row) || row.progress === null ? "" : `${percent(row.progress)} · `}${row.title} · TrainWatch`;
