import { useEffect } from "react";
import { applyFrame, applyNotices, open, rejoined } from "./overview.js";
import { setServerNow } from "./server_time.js";

/** Feeds the list of tasks, or of jobs, from the broadcast vars; shows nothing itself. */
export function OverviewFeed({ jobs, frame, toasts, joined }) {
  useEffect(() => open(jobs), []);
  useEffect(() => {
    if (!joined?.n) return;
    setServerNow(joined.serverNow);
    rejoined(joined.sent);
  }, [joined]);
  useEffect(() => {
    if (frame?.seq) applyFrame(frame);
  }, [frame]);
  useEffect(() => {
    if (toasts?.seq) applyNotices(toasts);
  }, [toasts]);
  return null;
}
