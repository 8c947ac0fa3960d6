const OF_THIS_SITE = /^\/(?![/\\])[^\\\u0000-\u001f\u007f]*$/;

/** Where a query's `next` leads, if that is a path of this site; else to the dashboard. Whoever made the link may have chosen it. */
export function nextPath(search) {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return OF_THIS_SITE.test(next) ? next : "/";
}
