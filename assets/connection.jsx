import { useEffect, useState } from "react";
import { attempted, connection, useAsOf } from "./connection.js";
import { preloadPages } from "./preload.js";
import { useStore } from "./store.js";

/** Whether what is on the page is current. Waits a moment before it says "Connecting", so that it rarely has to. */
export function Connection({ joined, failing }) {
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), 1500);
    return () => clearTimeout(timer);
  }, []);
  const lost = useStore(connection, (value) => value.lost);
  const asOf = useAsOf();
  const isJoined = Boolean(joined?.n);
  useEffect(() => attempted(failing), [failing]);
  useEffect(() => {
    if (isJoined) preloadPages();
  }, [isJoined]);
  useEffect(() => {
    if (!lost) return undefined;
    // Reflex lets up to two seconds pass between attempts, but tries at once when a page is looked at again.
    const again = setInterval(() => document.dispatchEvent(new Event("visibilitychange")), 700);
    return () => clearInterval(again);
  }, [lost]);
  const state = lost ? "lost" : joined?.n ? "live" : patient ? "hidden" : "joining";
  const words = { lost: "Reconnecting…", live: "Live", joining: "Connecting…", hidden: "" }[state];
  const why = {
    lost: "The server cannot be reached. What you see may be old; it is tried again every second.",
    live: "Connected: changes appear as they happen.",
  }[state];
  return (
    <span className={`connection is-${state}`} role="status" title={why}>
      <span className="dot" aria-hidden="true" />
      <span>{words}</span>
      {asOf ? <span className="num">{asOf}</span> : null}
    </span>
  );
}
