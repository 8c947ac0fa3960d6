import { useEffect, useRef } from "react";

/** Nothing to see: causes an event whenever the server says that what the page shows has changed. */
export function News({ frame, onNews }) {
  const heard = useRef(frame); // not its number: a server that was started again counts anew
  useEffect(() => {
    const isNew = frame?.n !== undefined && frame !== heard.current;
    heard.current = frame;
    if (isNew) onNews();
  }, [frame]);
  return null;
}
