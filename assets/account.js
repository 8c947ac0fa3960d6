import { useEffect, useRef } from "react";
import { address, toSignIn } from "./api.js";

const ASKED_EVERY_MS = 1000;

/** Leave for the sign-in when the session has ended, however that shows. Returns "" for a class, so that a view can call it. */
export function useSignIn(door, failing, known, signedIn) {
  useSignInWhenAsked(door, failing, signedIn);
  useSignInWhenSignedOut(known, signedIn);
  return "";
}

export async function signOut() {
  const answer = await fetch(address("/api/sign-out"), { method: "POST" }).catch(() => null);
  // Without the server the session goes on, which must not look otherwise.
  if (answer) window.location.replace(address("/sign-in"));
}

/** Go and sign in when the server says so, or when the connection is lost because the session has ended. */
function useSignInWhenAsked(door, failing, signedIn) {
  useEffect(() => {
    if (door?.signIn) toSignIn();
  }, [door]);
  useEffect(() => {
    if (!failing) return undefined;
    const ask = async () => (await hasEnded(signedIn)) && toSignIn();
    ask();
    const timer = setInterval(ask, ASKED_EVERY_MS);
    return () => clearInterval(timer);
  }, [failing, signedIn]);
}

/** Go and sign in when a new connection is nobody's any more: a browser may have let its cookie go before anything seemed to be wrong. */
function useSignInWhenSignedOut(known, signedIn) {
  const was = useRef(false);
  useEffect(() => {
    if (signedIn) was.current = true;
    else if (known && was.current) toSignIn();
  }, [known, signedIn]);
}

/** Whether the server is there, and no longer knows who was signed in, or shows this page no more. */
async function hasEnded(signedIn) {
  const answer = await fetch(address("/api/me"), { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401) return true;
  const me = answer?.ok ? await answer.json().catch(() => null) : null;
  return me !== null && (!me.rights.includes("read") || (signedIn && !me.signedIn));
}
