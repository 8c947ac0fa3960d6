import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { address, signInAddress, toSignIn } from "./api.js";
import { Menu } from "./menu.jsx";

const ASKED_EVERY_MS = 1000;

/** Who is signed in, with a menu; or the way to sign in. Takes its room from the start, so that nothing moves when it is known. */
export function Account({ name, known, signedIn, door, failing }) {
  useSignInWhenAsked(door, failing, signedIn);
  useSignInWhenSignedOut(known, signedIn);
  return <div className="account">{signedIn ? <AccountMenu name={name} /> : <SignIn known={known} />}</div>;
}

/** A page of its own, outside the router, so the browser itself goes there. */
function SignIn({ known }) {
  const [href, setHref] = useState(address("/sign-in"));
  const aim = () => setHref(signInAddress());
  return (
    <a className={`button ${known ? "" : "is-awaited"}`} href={href} onFocus={aim} onPointerDown={aim} onMouseEnter={aim}>
      Sign in
    </a>
  );
}

function AccountMenu({ name }) {
  const face = (
    <>
      <span className="account-mark" aria-hidden="true">
        {name.slice(0, 1)}
      </span>
      <span className="account-name">{name}</span>
    </>
  );
  return (
    <Menu label={`Account of ${name}`} className="account-chip" face={face}>
      <Link to="/settings" role="menuitem">
        Settings
      </Link>
      <button type="button" role="menuitem" onClick={signOut}>
        Sign out
      </button>
    </Menu>
  );
}

/** Ends the session, on the page of settings as well. */
export function SignOut() {
  return (
    <button type="button" className="button" onClick={signOut}>
      Sign out
    </button>
  );
}

async function signOut() {
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
