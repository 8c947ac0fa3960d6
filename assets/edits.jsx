import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { useStore } from "./store.js";
import { expect, expectNotes, task } from "./task.js";

/** The task's title; a click or Enter makes it a field, Enter saves, Escape gives up. */
export function TaskTitle({ onRename }) {
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
}

export function TagEditor({ onTags }) {
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
}

export function NotesEditor({ onNotes }) {
  const id = useStore(task, (value) => value.row?.id);
  const notes = useStore(task, (value) => value.notes);
  const [draft, setDraft] = useState(null);
  const save = () => {
    if (draft !== null && draft !== notes) {
      expectNotes(draft);
      onNotes(id, draft);
    }
    setDraft(null);
  };
  return (
    <textarea
      className="notes"
      aria-label="Notes"
      placeholder="What is this run about?"
      rows={4}
      disabled={!id}
      value={draft ?? notes}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={save}
    />
  );
}
