/** Tell whether `element` is within `margin` of the screen, now and whenever that changes; returns what ends it. */
export function watchSight(element, margin, told) {
  // A busy page is handed several entries at once, the oldest first.
  const observer = new IntersectionObserver((entries) => told(entries.at(-1).isIntersecting), { rootMargin: margin });
  observer.observe(element);
  return () => observer.disconnect();
}
