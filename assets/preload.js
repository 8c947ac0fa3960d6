/** Let the browser fetch the scripts of all pages when it has nothing else to do: without the server React Router could open no other one. */
export function preloadPages() {
  const routes = Object.values(window.__reactRouterManifest?.routes ?? {});
  const scripts = new Set(routes.flatMap(({ module, imports = [] }) => [module, ...imports]));
  const preload = () =>
    scripts.forEach((href) => document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href })));
  (window.requestIdleCallback ?? setTimeout)(preload);
}
