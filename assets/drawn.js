import { useDeferredValue, useEffect, useRef } from "react";
import { isNarrow } from "./addresses.js";
import { loadMore, overview } from "./overview.js";
import { watchSight } from "./sight.js";
import { useStore } from "./store.js";

const AT_FIRST = 20;

/** The rows to draw: the first screen must not wait for the whole of a long list. */
export function useDrawnIds() {
  const ids = useStore(overview, (value) => value.ids);
  const settled = useDeferredValue(
    useStore(overview, (value) => value.loaded),
    false,
  );
  return settled ? ids : ids.slice(0, AT_FIRST);
}

/** A ref for what stands at the end of a list, which fetches the next rows when it comes near the screen. */
export function useEndOfList() {
  const end = useRef(null);
  const answers = useStore(overview, (value) => value.answers);
  useEffect(() => {
    // Beneath a narrow list stand the notifications, which an endless list would push away.
    if (isNarrow()) return undefined;
    return watchSight(end.current, "800px", (isNear) => isNear && loadMore());
  }, [answers]);
  return end;
}
