/** What is wrong with a field, else what it is about. */
export function Words({ of, problems, about }) {
  if (problems[of])
    return (
      <p className="field-problem" role="alert">
        {problems[of]}
      </p>
    );
  return about ? <p className="field-about">{about}</p> : null;
}
