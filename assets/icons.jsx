const PATHS = {
  running: "M5.5 3.8v8.4L12.2 8z",
  lost: "M5.9 6.1a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.4M8 11.6v.1",
  queued: "M8 4.5V8l2.3 1.6",
  paused: "M6 4.8v6.4M10 4.8v6.4",
  complete: "M4.5 8.4 7 10.8l4.6-5.2",
  failed: "m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4",
  stopped: "M5.4 5.4h5.2v5.2H5.4z",
  info: "M8 7.2v3.6M8 5.1v.1",
  success: "M4.5 8.4 7 10.8l4.6-5.2",
  warning: "M8 4.6v4M8 11v.1",
  error: "m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4",
  archive: "M2.8 3.4h10.4v2.8H2.8zM3.8 6.2v6.4h8.4V6.2M6.6 8.8h2.8",
  more: "M3 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0m4.5 0a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M12 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0",
  close: "m4.5 4.5 7 7m0-7-7 7",
  edit: "M3.2 12.8h2.4l6.9-6.9-2.4-2.4-6.9 6.9z",
  search: "M7.2 11.6a4.4 4.4 0 1 0 0-8.8 4.4 4.4 0 0 0 0 8.8m3.1-1.3 3 3",
  copy: "M5.8 5.8h6.8v6.8H5.8zM3.4 10.2V3.4h6.8",
  plus: "M8 3.4v9.2M3.4 8h9.2",
  trash: "M3.2 4.6h9.6M6.4 4.4V2.8h3.2v1.6M4.4 4.8l.6 8.4h6l.6-8.4",
  stop: "M4.4 4.4h7.2v7.2H4.4z",
  download: "M8 2.8v7.4m-3-3 3 3 3-3M3 13.2h10",
  up: "m3.8 10 4.2-4.2 4.2 4.2",
  down: "m3.8 6 4.2 4.2L12.2 6",
  reset: "M3.2 8a4.8 4.8 0 1 0 1.6-3.6M3 2.6v2.6h2.6",
  chip: "M4.6 4.6h6.8v6.8H4.6zM6.4 2.4v2.2m3.2-2.2v2.2M6.4 11.4v2.2m3.2-2.2v2.2M2.4 6.4h2.2m-2.2 3.2h2.2m6.8-3.2h2.2m-2.2 3.2h2.2",
};

/** Decorative: whatever it stands beside says the same in words. */
export function Icon({ name, size = 16, className = "" }) {
  return (
    <svg
      className={`icon ${className}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={name === "running" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={name === "running" ? 0 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
