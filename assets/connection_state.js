import { useEffect, useState } from "react";
import { attempted, connection, probe } from "./connection.js";
import { preloadPages } from "./preload.js";
import { useStore } from "./store.js";

/** How often a socket must have failed before its way is doubted. */
const FAILURES = 3;
const PROBE_MS = 5000;

/** Whether what is on the page is current: "live", "lost", "joining", or "hidden" for the moment in which it rarely has to say so. */
export function useConnectionState(joined, failures) {
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), 1500);
    return () => clearTimeout(timer);
  }, []);
  const lost = useStore(connection, (value) => value.lost);
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
  if (lost) return "lost";
  if (isJoined) return "live";
  return patient ? "hidden" : "joining";
}
