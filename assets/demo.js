const TAG = "demo";

/** How many rows of a list are jobs of the demo. */
export const demoJobs = ({ ids, rows }) =>
  ids.filter((id) => {
    const { source, tags } = rows.get(id);
    return source === "simulated" && tags.includes(TAG);
  }).length;
