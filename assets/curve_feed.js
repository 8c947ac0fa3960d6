import { after, append, EMPTY_CURVE } from "./curve.js";

const MOST_DRAWN = 5000;

/**
 * Keeps one curve of a task current: fetched whole, then grown by frames; what does not fit on its end fetches it again.
 * `fetch` gets the curve, `refetch` is asked to call a `load` soon, `onCurve` and `onPoints` show what came.
 */
export function feedCurve({ name, attempt, fetch, refetch, onCurve, onPoints }) {
  let curve = EMPTY_CURVE;
  let loading = false;
  let waiting = [];
  let ended = false;

  const load = async () => {
    if (ended) return;
    loading = true;
    const fresh = await fetch().catch(() => null);
    loading = false;
    if (ended) return;
    if (!fresh) refetch(load);
    else if (fresh.revision >= curve.revision) onCurve((curve = fresh));
    const late = waiting;
    waiting = [];
    late.forEach(take);
  };

  const take = (frame) => {
    if (frame.attempt !== attempt || frame.toRevision <= curve.revision) return;
    if (loading) waiting.push(frame);
    else if (!grow(frame)) refetch(load);
  };

  /** False if the frame does not continue the curve. */
  const grow = ({ points, fromRevision, toRevision }) => {
    if (!points || fromRevision > curve.revision || curve.steps.length > MOST_DRAWN) return false;
    // A frame that began before what was fetched repeats some of its points.
    const fresh = points[name] && fromRevision < curve.revision ? after(curve, points[name]) : points[name];
    if (fresh && !append(curve, fresh)) return false;
    curve.revision = toRevision;
    if (fresh?.steps.length) onPoints(fresh);
    return true;
  };

  return {
    load,
    take,
    curve: () => curve,
    end() {
      ended = true;
    },
  };
}
