import { useEffect, useRef, useState } from "react";
import { getJson } from "./api.js";
import { after, append, curveFrom, EMPTY_CURVE, refine } from "./curve.js";
import { createFigure } from "./figure.js";
import { decimals } from "./format.js";
import { atMostEvery, useStore } from "./store.js";
import { onPoints, task } from "./task.js";

const POINTS = 2000;
const MOST_DRAWN = 5000;
const SETTLE_MS = 150;

async function fetchCurve(taskId, name, attempt, range = {}) {
  const words = new URLSearchParams({ name, points: POINTS, ...range });
  if (attempt) words.set("attempt", attempt);
  return curveFrom(await getJson(`/api/training/${taskId}/metrics?${words}`));
}

/**
 * One series of the task on the page: history by HTTP, new points appended as they come.
 * `attempt` null follows the current one; `others` are attempts laid beneath it.
 */
export function LivePlot({ name, label, attempt = null, others = [], axis = "step", log = false, weight = 0, small = false }) {
  const taskId = useStore(task, (value) => value.id);
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const shownAttempt = attempt ?? current;
  const box = useRef(null);
  const figure = useRef(null);
  const [state, setState] = useState({ empty: true, loaded: false, zoomed: false, last: null });
  const look = { name, label, axis, log, weight, small };
  const overlaid = others.join();

  useEffect(() => {
    if (!taskId || !shownAttempt) return undefined;
    let gone = false;
    let base = EMPTY_CURVE;
    let settle = null;
    let loading = false;
    let waiting = [];
    const mine = (figure.current = createFigure(box.current, look));
    const report = () => {
      const at = base.values.findLastIndex((value) => value !== null);
      setState((held) => ({ ...held, empty: base.steps.length === 0, loaded: true, last: at < 0 ? null : [base.steps[at], base.values[at]] }));
    };
    const load = async () => {
      loading = true;
      const [fresh, ...beneath] = await Promise.all(
        [shownAttempt, ...others].map((each) => fetchCurve(taskId, name, each)),
      ).catch(() => [null]);
      loading = false;
      if (gone || !fresh) return;
      base = fresh;
      mine.draw(base, beneath);
      report();
      const window = mine.window();
      if (window) zoomIn(window);
      const late = waiting;
      waiting = [];
      late.forEach(take);
    };
    const reload = atMostEvery(1000, load);
    const zoomIn = async ([from, to]) => {
      const detail = await fetchCurve(taskId, name, shownAttempt, { from, to }).catch(() => null);
      if (!gone && detail && mine.window()) mine.draw(refine(base, detail, from, to));
    };
    const take = (frame) => {
      if (frame === null) return loading || reload();
      if (frame.attempt !== shownAttempt || frame.toRevision <= base.revision) return undefined;
      if (loading) return void waiting.push(frame);
      if (!frame.points || frame.fromRevision > base.revision) return reload();
      // A frame that began before what was fetched repeats some of its points.
      const points = frame.points[name] && (frame.fromRevision < base.revision ? after(base, frame.points[name]) : frame.points[name]);
      base.revision = frame.toRevision;
      if (!points?.steps.length) return undefined;
      if (base.steps.length > MOST_DRAWN || !append(base, points)) return reload();
      mine.extend(points);
      return report();
    };
    mine.onZoom((window) => {
      clearTimeout(settle);
      setState((held) => ({ ...held, zoomed: window !== null }));
      if (window) settle = setTimeout(() => zoomIn(window), SETTLE_MS);
      else mine.draw(base);
    });
    load();
    const leave = onPoints(take);
    return () => {
      gone = true;
      clearTimeout(settle);
      leave();
      mine.destroy();
    };
  }, [taskId, name, shownAttempt, overlaid]);

  useEffect(() => figure.current?.restyle(look), [axis, log, weight]);

  const spoken = state.last ? `${label} curve, ${decimals(state.last[1])} at step ${state.last[0]}` : `${label} curve, empty`;
  return (
    <div className={small ? "plot is-small" : "plot"}>
      <div className="plot-canvas" role="img" aria-label={spoken} ref={box} />
      {state.empty ? (
        <p className="plot-empty">{state.loaded ? "Waiting for training data..." : ""}</p>
      ) : null}
      {state.zoomed ? (
        <button type="button" className="button is-small plot-reset" onClick={() => figure.current?.reset()}>
          Reset zoom
        </button>
      ) : null}
    </div>
  );
}
