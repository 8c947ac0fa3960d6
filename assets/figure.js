import { along, append, smooth } from "./curve.js";
import { countsSteps, layout, palette, traces, yRange } from "./figure_look.js";
import { createPacer } from "./pacer.js";
import { watchSight } from "./sight.js";

const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset", doubleClickDelay: 500, showTips: false };
const GLIDE_MS = 350;
const GLIDE_UP_TO = 1500;
const [RAW, MAIN] = [0, 1];
const SHARE = 0.25;

// Twenty curves of a task that reports thirty times a second must leave the page time to answer.
const pacer = createPacer(SHARE);

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A Plotly figure of one curve in `box`; everything that knows Plotly is here. */
export function createFigure(box, firstLook) {
  let look = firstLook;
  let curve = null;
  let beneath = [];
  let plotly = null;
  let drawn = 0;
  let whole = true;
  let counting = false;
  let visible = true;
  let extendedAt = 0;
  let gone = false;
  let range = null;
  let gliding = 0;
  let listening = false;
  let zoomListener = () => null;

  const render = () => {
    // An empty figure first would cost the full one a tenth of a second.
    if (!plotly || !curve) return;
    cancelAnimationFrame(gliding); // it leads to where the axis ended before
    const paint = palette();
    plotly.react(box, traces(curve, beneath, look, paint), { ...layout(curve, beneath, look, paint, range), showlegend: beneath.length > 0 }, CONFIG);
    if (!listening) box.on("plotly_relayout", (change) => change && moved(change));
    listening = true;
    drawn = curve.steps.length;
    counting = countsSteps(curve, look, range);
    whole = false;
  };

  /** Draw what has come since the last time, once somebody can see it. */
  const drawNews = () => {
    if (gone || !plotly || !curve || !visible) return;
    whole ||= counting !== countsSteps(curve, look, range);
    // Epochs spread anew with each point, a first point brings the axes with it, and the second one makes a line of it.
    if (whole || (drawn < curve.steps.length && (look.axis === "epoch" || drawn < 2))) render();
    else if (drawn < curve.steps.length) drawMore();
  };

  const drawMore = () => {
    cancelAnimationFrame(gliding);
    const start = drawn;
    drawn = curve.steps.length;
    const x = along(curve, look.axis, start);
    const main = smooth(curve.values, look.weight).slice(start);
    const data = curve.values.slice(start).map((value, i) => [curve.steps[start + i], value]);
    const [first, before] = [along(curve, look.axis)[0], along(curve, look.axis)[start - 1]];
    const slow = performance.now() - extendedAt > 2 * GLIDE_MS;
    extendedAt = performance.now();
    const follows = !range && beneath.length === 0;
    const glides = slow && follows && !look.small && !calm() && start > 1 && drawn < GLIDE_UP_TO;
    if (follows) Object.assign(box.layout.xaxis, { autorange: false, range: [first, glides ? before : x.at(-1)] });
    const ys = yRange(curve, look, beneath);
    Object.assign(box.layout.yaxis, ys ? { autorange: false, range: ys } : { autorange: true });
    plotly.extendTraces(box, { x: [x, x], y: [curve.values.slice(start), main], customdata: [data, data] }, [RAW, MAIN]);
    if (glides) glide(before, x.at(-1));
  };

  const moved = (change) => {
    if (change["xaxis.range[0]"] !== undefined) {
      range = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      zoomListener(window_());
    } else if (change["xaxis.autorange"]) forget();
  };

  const forget = () => {
    range = null;
    zoomListener(null);
  };

  /** The steps between which the user zoomed in, or null. */
  const window_ = () => {
    if (!range) return null;
    const xs = along(curve, look.axis);
    const [low, high] = range.map((edge) => (look.axis === "time" ? Date.parse(`${String(edge).replace(" ", "T")}Z`) : Number(edge)));
    const first = xs.findIndex((x) => x >= low);
    if (first < 0) return null;
    const last = xs.findLastIndex((x) => x !== null && x <= high);
    const from = curve.steps[Math.max(0, first - 1)];
    const to = curve.steps[Math.min(curve.steps.length - 1, last + 1)];
    return from < to ? [from, to] : null;
  };

  /** Let the axis slide to the new end instead of jumping there. */
  const glide = (from, to) => {
    cancelAnimationFrame(gliding);
    const began = performance.now();
    const first = along(curve, look.axis)[0];
    const frame = (at) => {
      if (gone || range) return;
      const t = Math.min(1, (at - began) / GLIDE_MS);
      const end = from + (to - from) * (1 - (1 - t) ** 3);
      plotly.relayout(box, { "xaxis.range": [first, end] });
      if (t < 1) gliding = requestAnimationFrame(frame);
    };
    gliding = requestAnimationFrame(frame);
  };

  const themed = new MutationObserver(render);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

  const unwatch = watchSight(box, "0px", (isInSight) => {
    visible = isInSight;
    if (visible) pacer.ask(drawNews);
  });

  import("plotly.js-basic-dist-min").then((module) => {
    plotly = module.default ?? module;
    pacer.ask(drawNews);
  });

  return {
    draw(fresh, under = beneath) {
      cancelAnimationFrame(gliding);
      // The caller goes on appending to its own arrays.
      curve = { ...fresh, steps: [...fresh.steps], values: [...fresh.values], epochs: [...fresh.epochs], times: [...fresh.times] };
      beneath = under;
      whole = true;
      pacer.ask(drawNews);
    },
    extend(points) {
      // Plotly adds to what is drawn; a point in another's place is drawn with all the others.
      whole ||= points.steps[0] === curve.steps[drawn - 1] || Object.keys(points.flags ?? {}).length > 0;
      append(curve, points);
      pacer.ask(drawNews);
    },
    restyle(fresh) {
      if (fresh.axis !== look.axis && range) forget();
      look = fresh;
      render();
    },
    reset() {
      forget();
      render();
    },
    window: window_,
    onZoom(listener) {
      zoomListener = listener;
    },
    destroy() {
      gone = true;
      cancelAnimationFrame(gliding);
      pacer.forget(drawNews);
      unwatch();
      themed.disconnect();
      plotly?.purge(box);
    },
  };
}
