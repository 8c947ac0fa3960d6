/** What goes with real jobs that are deleted, beside what the database holds of them; simulated ones leave nothing. */
export function FoldersLost({ rows }) {
  const count = rows.filter((row) => row.isJob && row.source !== "simulated").length;
  if (count === 0) return null;
  if (count < rows.length || count > 1)
    return (
      <p>
        So are the logs of real jobs, and their <code>work</code> folders with every file in them. What they wrote elsewhere stays.
      </p>
    );
  return (
    <p>
      So are its logs, and its <code>work</code> folder with every file in it. What it wrote elsewhere stays.
    </p>
  );
}
