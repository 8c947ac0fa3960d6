import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { useStore } from "./store.js";
import { expect, task } from "./task.js";

const MOST_NOTES = 20_000;

/** What is typed for one task is for no other, though the page stays when it shows the next one. */
const ofOneTask = (Editor) =>
  function OfOneTask(props) {
    const id = useStore(task, (value) => value.id);
    return <Editor key={id} id={id} {...props} />;
  };

/** The task's title; a click or Enter makes it a field, Enter saves, Escape gives up. */
export const TaskTitle = ofOneTask(function Title({ onRename }) {
  const row = useStore(task, (value) => value.row);
  const [draft, setDraft] = useState(null);
  const box = useRef(null);
  const editing = draft !== null;
  useEffect(() => {
    if (editing) box.current?.select();
  }, [editing]);
  if (!row) return <h1 className="task-title ghost">&nbsp;</h1>;
  const save = () => {
    const title = draft?.trim();
    setDraft(null);
    if (!title || title === row.title) return;
    expect({ title });
    onRename(row.id, title);
  };
  const key = (event) => {
    if (event.key === "Enter") save();
    if (event.key === "Escape") setDraft(null);
  };
  if (editing) {
    return (
      <input
        ref={box}
        className="task-title is-editing"
        aria-label="Title"
        maxLength={200}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={save}
        onKeyDown={key}
      />
    );
  }
  return (
    <h1 className="task-title">
      {row.title}
      <button type="button" className="button is-icon" aria-label="Rename" title="Rename" onClick={() => setDraft(row.title)}>
        <Icon name="edit" />
      </button>
    </h1>
  );
});

export const TagEditor = ofOneTask(function Tags({ onTags }) {
  const row = useStore(task, (value) => value.row);
  const [text, setText] = useState("");
  if (!row) return null;
  const change = (tags) => {
    expect({ tags });
    onTags(row.id, tags);
  };
  const add = (event) => {
    event.preventDefault();
    const tag = text.trim();
    setText("");
    if (tag && !row.tags.includes(tag)) change([...row.tags, tag]);
  };
  return (
    <form className="tags" onSubmit={add}>
      {row.tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
          <button type="button" aria-label={`Remove tag ${tag}`} onClick={() => change(row.tags.filter((each) => each !== tag))}>
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <input
        aria-label="Add a tag"
        placeholder="Add a tag"
        maxLength={50}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={add}
      />
    </form>
  );
});

/** Saved when the field is left, or the page; what was typed stands until the server tells of it, for it may be refused. */
export const NotesEditor = ofOneTask(function Notes({ id, onNotes }) {
  const notes = useStore(task, (value) => value.told && (value.told.notes ?? ""));
  const [draft, setDraft] = useState(null);
  const sent = useRef(null);
  const save = () => {
    if (draft === null || (draft === notes && sent.current === null)) {
      setDraft(null);
      return;
    }
    sent.current = draft;
    onNotes(id, draft);
  };
  useEffect(() => {
    if (sent.current === null) return;
    if (draft === sent.current) setDraft(null);
    sent.current = null;
  }, [notes]);
  // Who leaves by the keyboard never left the field.
  const leave = useRef(null);
  leave.current = () => draft !== sent.current && save();
  useEffect(() => () => leave.current(), []);
  return (
    <textarea
      className="notes"
      aria-label="Notes"
      placeholder="What is this run about?"
      rows={4}
      maxLength={MOST_NOTES}
      disabled={notes === null}
      value={draft ?? notes ?? ""}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={save}
    />
  );
});
