import { absolute } from "./api.js";
import { Snippet } from "./copy.jsx";
import { StartDemo } from "./demo.jsx";

const once = (hook) => `curl ${hook} -d '{
  "taskName": "my first run", "gpuName": "my GPU",
  "progress": "45%", "currentEpoch": 4, "totalEpochs": 10,
  "loss": 0.4213, "eta": "12 min"
}'`;

const moving = (hook) => `for i in $(seq 1 100); do
  loss=$(LC_ALL=C awk "BEGIN { print 0.2 + 2 * exp(-$i / 20) }")
  curl -s -o /dev/null ${hook} -d '{
    "taskName": "a moving run", "progress": "'$i'%",
    "step": '$i', "totalSteps": 100, "loss": '$loss'
  }'
  sleep 0.5
done`;

/** What an empty dashboard says: one line to paste, and the page answers. Never prerendered, for only the browser knows the address. */
export function FirstSteps({ onDemo }) {
  const hook = absolute("/hook");
  return (
    <section className="card first">
      <header>
        <h2>Waiting for the first task</h2>
        {onDemo ? <StartDemo onDemo={onDemo} /> : null}
      </header>
      <p>Paste this into any terminal that reaches this machine. The task appears here the moment it is sent.</p>
      <Snippet label="Report once" text={once(hook)} />
      <p>Or watch one move:</p>
      <Snippet label="Report a hundred times" text={moving(hook)} />
    </section>
  );
}
