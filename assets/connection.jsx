import { useEffect, useState } from "react";
import { attempted, connection, probe, useAsOf } from "./connection.js";
import { preloadPages } from "./preload.js";
import { useStore } from "./store.js";

/** How often a socket must have failed before its way is doubted. */
const FAILURES = 3;
const PROBE_MS = 5000;

/** Whether what is on the page is current. Waits a moment before it says "Connecting", so that it rarely has to. */
export function Connection({ joined, failures }) {
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), 1500);
    return () => clearTimeout(timer);
  }, []);
  const lost = useStore(connection, (value) => value.lost);
  const asOf = useAsOf();
  const isJoined = Boolean(joined?.n);
  useEffect(() => attempted(failures > 0), [failures]);
  const isSuspect = lost && failures >= FAILURES;
  useEffect(() => {
    if (!isSuspect) return undefined;
    probe();
    const again = setInterval(probe, PROBE_MS);
    return () => clearInterval(again);
  }, [isSuspect]);
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

/** Why a page that the server sends is never live. */
export function Blocked() {
  const blocked = useStore(connection, (value) => value.blocked);
  if (!blocked) return null;
  return (
    <p className="blocked" role="alert">
      <strong>This page is not live.</strong> The server answers, but no websocket reaches it. A proxy in front of it must pass the headers{" "}
      <code>Upgrade</code> and <code>Connection</code> on; the documentation has examples. Until then, reload to see what is new.
    </p>
  );
}
