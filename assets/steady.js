import { useEffect, useState } from "react";

const SETTLES_MS = 500;

/** Whether a `meaning` is so new that who clicks means the one before. */
export function useSettling(meaning) {
  const [settled, setSettled] = useState(meaning);
  const isNew = settled !== meaning;
  useEffect(() => {
    if (!isNew) return undefined;
    const timer = setTimeout(() => setSettled(meaning), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [isNew, meaning]);
  return isNew;
}

/**
 * For a button whose meaning may change under the pointer. Returns a function that makes it act: not by the further clicks of a
 * double click, and not in the first moment of a new `meaning`, for who clicks then means the one before.
 */
export function useSteady(meaning) {
  const isNew = useSettling(meaning);
  return (act) => ({
    // Not `disabled`: that would take the focus away, and be seen.
    "aria-disabled": isNew,
    "data-settling": isNew ? "" : undefined,
    onClick: (event) => isNew || event.detail > 1 || act(),
  });
}
