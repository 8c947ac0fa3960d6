import { useRef, useState } from "react";
import { absolute } from "./api.js";
import { Icon } from "./icons.jsx";

/** A text to take away, with a button that does so. */
export function Snippet({ label, text }) {
  const [copied, setCopied] = useState(false);
  const box = useRef(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers lend the clipboard to secure pages only: leave the text selected, ready for the keyboard.
      return window.getSelection().selectAllChildren(box.current);
    }
    setCopied(true);
    return setTimeout(() => setCopied(false), 2000);
  };
  return (
    <figure className="snippet">
      <figcaption>
        <span>{label}</span>
        <button type="button" className="button is-small" aria-label={copied ? undefined : `Copy: ${label}`} onClick={copy}>
          <Icon name={copied ? "success" : "copy"} size={14} />
          <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
        </button>
      </figcaption>
      <pre ref={box} tabIndex={0}>
        {text}
      </pre>
    </figure>
  );
}

/** A line for a terminal that tries `secret` out at `path`; only the browser knows by which address the server is reached. */
export function KeyTrial({ secret, path, body }) {
  const data = body ? ` -d '${body}'` : "";
  return <Snippet label="Try it in a terminal" text={`curl ${absolute(path)} -H "Authorization: Bearer ${secret}"${data}`} />;
}
