import { useState } from "react";
import { address, signInAddress } from "./api.js";

/** A way to the sign-in, which leads back here: a page of its own, outside the router, so the browser itself goes there. */
export function SignInLink({ children, ...props }) {
  const [href, setHref] = useState(address("/sign-in"));
  const aim = () => setHref(signInAddress());
  return (
    <a href={href} onFocus={aim} onPointerDown={aim} onMouseEnter={aim} {...props}>
      {children}
    </a>
  );
}
