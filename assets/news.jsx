import { useEffect, useRef } from "react";

/** Nothing to see: causes an event whenever the server says that what the page shows has changed. */
export function News({ frame, onNews }) {
  const heard = useRef(frame?.n);
  useEffect(() => {
    const isNew = frame?.n !== undefined && frame.n !== heard.current;
    heard.current = frame?.n;
    if (isNew) onNews();
  }, [frame]);
  return null;
}
