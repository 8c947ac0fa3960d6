// Stands in the head of the built page (trainwatch/ui/head_start.py), and asks for what the page shows first before its scripts have come.
import { curveAddress, jobsAddress, pageSize, queryOf, taskAddress, tasksAddress } from "./addresses.js";

const path = window.location.pathname;
const [, id] = path.match(/^\/(?:tasks|training\/jobs)\/(\d+)\/?$/) ?? [];

const first = () => {
  if (id) return [taskAddress(id), curveAddress(id, "loss")];
  if (/^\/training\/jobs\/?$/.test(path)) return [jobsAddress(pageSize())];
  return path === "/" ? [tasksAddress(queryOf(window.location.search), pageSize())] : [];
};

const ask = (address) => fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);

window.asked = new Map(first().map((address) => [address, ask(address)]));
