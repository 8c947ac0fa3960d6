import { along, gaps, peak, smooth } from "./curve.js";

const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset" };
const X_TITLES = { step: "Training Step", epoch: "Epoch", time: "Time" };
const GLIDE_MS = 350;
const GLIDE_UP_TO = 1500;
const [RAW, MAIN, GAPS] = [0, 1, 2];

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const coarse = () => window.matchMedia("(pointer: coarse)").matches;

/** A Plotly figure of one curve in `box`; everything that knows Plotly is here. */
export function createFigure(box, firstLook) {
  let look = firstLook;
  let curve = null;
  let beneath = [];
  let plotly = null;
  let gone = false;
  let range = null;
  let gliding = 0;
  let listening = false;
  let zoomListener = () => null;

  const render = () => {
    // An empty figure first would cost the full one a tenth of a second.
    if (!plotly || !curve) return;
    const paint = palette();
    plotly.react(box, traces(curve, beneath, look, paint), { ...layout(curve, look, paint, range), showlegend: beneath.length > 0 }, CONFIG);
    if (!listening) box.on("plotly_relayout", (change) => change && moved(change));
    listening = true;
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

  import("plotly.js-basic-dist-min").then((module) => {
    if (gone) return;
    plotly = module.default ?? module;
    render();
  });

  return {
    draw(fresh, under = beneath) {
      cancelAnimationFrame(gliding);
      // The caller goes on appending to its own arrays.
      curve = { ...fresh, steps: [...fresh.steps], values: [...fresh.values], epochs: [...fresh.epochs], times: [...fresh.times] };
      beneath = under;
      render();
    },
    extend(points) {
      const start = curve.steps.length;
      const before = along(curve, look.axis).at(-1);
      for (const key of ["steps", "values", "epochs", "times"]) curve[key] = [...curve[key], ...points[key]];
      curve.flags = { ...curve.flags, ...points.flags };
      if (!plotly) return;
      const flagged = Object.keys(points.flags ?? {}).length > 0;
      // Epochs spread anew with each point, and a first point brings the axes with it.
      if (look.axis === "epoch" || flagged || start === 0) return void render();
      const x = along(curve, look.axis, start);
      const main = smooth(curve.values, look.weight).slice(start);
      const data = curve.values.slice(start).map((value, i) => [curve.steps[start + i], value]);
      const smoothly = !range && !calm() && start > 1 && curve.steps.length < GLIDE_UP_TO;
      if (smoothly) plotly.relayout(box, { "xaxis.range": [along(curve, look.axis)[0], before] });
      plotly.extendTraces(box, { x: [x, x], y: [curve.values.slice(start), main], customdata: [data, data] }, [RAW, MAIN]);
      const ys = yRange(curve, look);
      if (ys) plotly.relayout(box, { "yaxis.range": ys });
      else if (!box.layout.yaxis.autorange) plotly.relayout(box, { "yaxis.autorange": true });
      if (smoothly) glide(before, x.at(-1));
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
      themed.disconnect();
      plotly?.purge(box);
    },
  };
}

function palette() {
  const css = getComputedStyle(document.documentElement);
  const read = (name) => css.getPropertyValue(name).trim();
  return {
    line: read("--chart-line"),
    rgb: read("--chart-rgb"),
    faint: read("--chart-faint"),
    grid: read("--chart-grid"),
    text: read("--text-3"),
    strong: read("--text"),
    surface: read("--raised"),
    edge: read("--line-strong"),
    bad: read("--red"),
    others: [1, 2, 3, 4].map((n) => read(`--chart-other-${n}`)),
  };
}

function traces(curve, beneath, look, paint) {
  const x = along(curve, look.axis);
  const custom = curve.steps.map((step, i) => [step, curve.values[i]]);
  const smoothed = look.weight > 0;
  const line = (color, width) => ({ color, width, shape: "linear" });
  const raw = {
    x,
    y: curve.values,
    customdata: custom,
    mode: "lines",
    line: line(paint.faint, 1),
    hoverinfo: "skip",
    showlegend: false,
    visible: smoothed,
  };
  const main = {
    x,
    y: smooth(curve.values, look.weight),
    customdata: custom,
    mode: curve.steps.length === 1 ? "markers" : "lines",
    line: line(paint.line, look.small ? 1.6 : 2),
    marker: { color: paint.line, size: 6 },
    fill: look.log || look.small ? "none" : "tozeroy",
    fillgradient: { type: "vertical", colorscale: [[0, `rgba(${paint.rgb},0)`], [1, `rgba(${paint.rgb},.26)`]] },
    hovertemplate: hover(look, smoothed),
  };
  main.name = `Attempt ${curve.attempt}`;
  return [raw, main, marks(curve, look, x, paint), ...beneath.map((other, i) => under(other, look, paint, i))];
}

function hover({ label }, smoothed) {
  const value = `${label} %{customdata[1]:.4f}`;
  return `<b>Step %{customdata[0]}</b><br>${value}${smoothed ? "<br>smoothed %{y:.4f}" : ""}<extra></extra>`;
}

function marks(curve, look, x, paint) {
  const found = gaps(curve);
  return {
    x: found.map((gap) => x[gap.index]),
    y: found.map((gap) => gap.height),
    customdata: found.map((gap) => [gap.step, gap.flag === "nan" ? "NaN" : gap.flag]),
    mode: "markers",
    showlegend: false,
    marker: { symbol: "x-thin", size: 8, line: { color: paint.bad, width: 2 } },
    hovertemplate: `<b>Step %{customdata[0]}</b><br>${look.label} is %{customdata[1]}<extra></extra>`,
  };
}

function under(curve, look, paint, index) {
  const color = paint.others[index % paint.others.length];
  return {
    x: along(curve, look.axis),
    y: smooth(curve.values, look.weight),
    customdata: curve.steps,
    name: `Attempt ${curve.attempt}`,
    mode: "lines",
    line: { color, width: 1.5 },
    hovertemplate: `<b>Step %{customdata}</b><br>attempt ${curve.attempt} %{y:.4f}<extra></extra>`,
  };
}

/** From 0 to the highest loss + 0.5; other series and the log scale find their own. */
function yRange(curve, look) {
  if (look.log) return null;
  if (look.name === "loss") return [0, peak(curve.values) + 0.5];
  const level = curve.values.find((value) => value !== null);
  const isFlat = level && curve.values.every((value) => value === null || value === level);
  return isFlat ? [level - Math.abs(level) / 2, level + Math.abs(level) / 2] : null;
}

function layout(curve, look, paint, range) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: paint.text };
  const axis = { gridcolor: paint.grid, zeroline: false, linecolor: paint.grid, tickfont: font, automargin: true };
  const title = (text) => (look.small ? undefined : { text, font, standoff: 12 });
  const y = yRange(curve, look);
  const steps = curve.steps.at(-1) - curve.steps[0];
  const xType = look.axis === "time" ? "date" : "linear";
  return {
    autosize: true,
    uirevision: `${look.axis}${range ? "zoomed" : "free"}`,
    margin: look.small ? { l: 8, r: 8, t: 6, b: 8 } : { l: 8, r: 12, t: 8, b: 8 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1, yanchor: "bottom", font },
    hovermode: "x",
    hoverdistance: 30,
    dragmode: coarse() ? false : "zoom",
    hoverlabel: { bgcolor: paint.surface, bordercolor: paint.edge, align: "left", font: { ...font, color: paint.strong } },
    xaxis: {
      ...axis,
      title: title(X_TITLES[look.axis]),
      type: xType,
      showgrid: false,
      nticks: look.small ? 4 : 8,
      // There is no step 1.5.
      ...(look.axis === "step" && steps < 6 && !range ? { dtick: 1 } : {}),
      ...(range ? { range } : { autorange: true }),
    },
    yaxis: {
      ...axis,
      title: title(look.label),
      type: look.log ? "log" : "linear",
      // Plotly would write 0.4 as a small 4.
      tickformat: look.log ? "~g" : "",
      fixedrange: true,
      nticks: look.small ? 4 : 6,
      ...(y ? { range: y } : { autorange: true }),
    },
  };
}
