import { useEffect, useRef, useState } from "react";
import { curveAddress } from "./addresses.js";
import { getJson, isPassing } from "./api.js";
import { curveFrom, refine } from "./curve.js";
import { feedCurve } from "./curve_feed.js";
import { createFigure } from "./figure.js";
import { decimals } from "./format.js";
import { isEnded } from "./liveness.js";
import { watchSight } from "./sight.js";
import { useStore } from "./store.js";
import { follow, refetch, task } from "./task.js";

const SETTLE_MS = 150;
const NOTHING_YET = { empty: true, loaded: false, zoomed: false, last: null };

const getCurve = async (taskId, name, where) => curveFrom(await getJson(curveAddress(taskId, name, where)));

/** Whether the element has come near the screen; what nobody scrolls to costs nothing. */
function useNear(box, surely) {
  const [near, setNear] = useState(surely);
  useEffect(() => {
    if (surely) return undefined;
    return watchSight(box.current, "400px", (isNear) => isNear && setNear(true));
  }, []);
  return near;
}

/**
 * One series of the task on the page: history by HTTP, new points appended as they come.
 * `stepped` is for what stays as it is from one point to the next, from nothing up, at some time rather than at some step.
 * `attempt` null follows the current one; `others` are attempts laid beneath it, which may come and go under a zoom.
 */
export function LivePlot({ name, label, attempt = null, others = [], axis = "step", log = false, weight = 0, small = false, stepped = false }) {
  const taskId = useStore(task, (value) => value.id);
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const ended = useStore(task, ({ row }) => row !== null && (isEnded(row) || (attempt ?? row.attempt) !== row.attempt));
  const shownAttempt = attempt ?? current;
  const box = useRef(null);
  const figure = useRef(null);
  const near = useNear(box, !small);
  const [state, setState] = useState(NOTHING_YET);
  const look = { name, label, axis, log, weight, small, stepped };
  const overlaid = others.join();
  const beneath = useRef([]);
  const redraw = useRef(() => null);

  useEffect(() => {
    if (!near || !taskId || !shownAttempt) return undefined;
    const mine = (figure.current = createFigure(box.current, look));
    let settling = null;
    let zooms = 0;
    const get = (where) => getCurve(taskId, name, where);
    const tell = ({ steps, values }) => {
      const at = values.findLastIndex((value) => value !== null);
      setState((held) => ({ ...held, empty: steps.length === 0, loaded: true, last: at < 0 ? null : [steps[at], values[at]] }));
    };
    const feed = feedCurve({
      name,
      attempt: shownAttempt,
      refetch,
      fetch: () => get(attempt ? { attempt } : {}),
      onCurve(curve) {
        tell(curve);
        redraw.current();
      },
      onPoints(points) {
        mine.extend(points);
        tell(feed.curve());
      },
    });
    const zoomIn = async ([from, to]) => {
      const zoom = ++zooms;
      const detail = await get({ attempt: shownAttempt, from, to }).catch(() => null);
      if (detail && zoom === zooms && mine.window()) mine.draw(refine(feed.curve(), detail, from, to));
    };
    redraw.current = () => {
      if (feed.curve().revision < 0) return;
      mine.draw(feed.curve(), beneath.current);
      if (mine.window()) zoomIn(mine.window());
    };
    mine.onZoom((window) => {
      clearTimeout(settling);
      setState((held) => ({ ...held, zoomed: window !== null }));
      if (window) settling = setTimeout(() => zoomIn(window), SETTLE_MS);
      else mine.draw(feed.curve());
    });
    feed.load();
    const leave = follow(feed);
    return () => {
      clearTimeout(settling);
      leave();
      feed.end();
      mine.destroy();
      setState(NOTHING_YET);
    };
  }, [near, taskId, name, shownAttempt]);

  useEffect(() => {
    if (!near || !taskId) return undefined;
    let left = false;
    const show = (curves) => {
      if (left) return;
      beneath.current = curves;
      redraw.current();
    };
    const lay = () => left || Promise.all(others.map((each) => getCurve(taskId, name, { attempt: each }))).then(show, layAgain);
    const layAgain = (error) => isPassing(error) && refetch(lay);
    lay();
    return () => {
      left = true;
    };
  }, [near, taskId, name, overlaid]);

  useEffect(() => figure.current?.restyle(look), [axis, log, weight]);

  const where = state.last ? `${decimals(state.last[1])}${stepped ? "" : ` at step ${state.last[0]}`}` : "empty";
  const spoken = `${label} curve, ${where}`;
  return (
    <div className={small ? "plot is-small" : "plot"}>
      <div className="plot-canvas" role="img" aria-label={spoken} ref={box} />
      {state.empty ? (
        <p className="plot-empty">{state.loaded ? (ended ? "No training data" : "Waiting for training data...") : ""}</p>
      ) : null}
      {state.zoomed ? (
        <button type="button" className="button is-small plot-reset" onClick={() => figure.current?.reset()}>
          Reset zoom
        </button>
      ) : null}
    </div>
  );
}
