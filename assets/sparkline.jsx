const WIDE = 88;
const HIGH = 26;

/** The recent course of a metric; a picture only, the number stands beside it. */
export function Sparkline({ values }) {
  const finite = (values ?? []).filter(Number.isFinite);
  if (finite.length < 2) return <svg className="spark" width={WIDE} height={HIGH} aria-hidden="true" />;
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low || 1;
  const spots = finite.map((value, i) => {
    const x = 1 + (i * (WIDE - 4)) / (finite.length - 1);
    const y = HIGH - 2 - ((value - low) / span) * (HIGH - 4);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const [lastX, lastY] = spots[spots.length - 1].split(" ");
  return (
    <svg className="spark" width={WIDE} height={HIGH} viewBox={`0 0 ${WIDE} ${HIGH}`} aria-hidden="true">
      <path className="spark-fill" d={`M${spots.join("L")}L${lastX} ${HIGH}L1 ${HIGH}Z`} />
      <path className="spark-line" d={`M${spots.join("L")}`} />
      <circle className="spark-end" cx={lastX} cy={lastY} r="1.8" />
    </svg>
  );
}
