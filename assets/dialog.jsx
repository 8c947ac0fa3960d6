import { useRef } from "react";
import { Question } from "./question.jsx";

/** A question that whoever knows its id opens. */
export function Dialog({ id, title, verb, onYes, children }) {
  const box = useRef(null);
  return (
    <Question box={box} name={id} title={title} verb={verb} onYes={() => onYes()}>
      {children}
    </Question>
  );
}
