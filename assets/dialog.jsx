import { useRef } from "react";
import { Question } from "./question.jsx";

/** A question that whoever knows its id opens; where what it asks is not possible it only tells so. */
export function Dialog({ id, title, verb, no, isPossible = true, onYes, children }) {
  const box = useRef(null);
  return (
    <Question box={box} name={id} title={title} verb={verb} no={no} onYes={isPossible ? () => onYes() : null}>
      {children}
    </Question>
  );
}
