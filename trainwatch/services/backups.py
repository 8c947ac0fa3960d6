"""A backup of all that a data directory holds, and its way back."""

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.template_file import FILE_NAME as TEMPLATES
from trainwatch.errors import BackupError, ConflictError
from trainwatch.runners.base import WORK, AttemptKey
from trainwatch.services.attempt_folders import OWNER
from trainwatch.store.backup import back_up, sync
from trainwatch.store.checkpoint import close_whole
from trainwatch.store.damage import PARTIAL
from trainwatch.store.engine import Database, open_database
from trainwatch.store.restore import FILE_NAME as DATABASE
from trainwatch.store.restore import Contents, contents_of, copy_whole, put_in_place
from trainwatch.store.schema import HEAD
from trainwatch.store.writer import run_once
from trainwatch.supervisor.attempt import Handle, adopt
from trainwatch.supervisor.folder import LAUNCH

ATTEMPTS = "attempts"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a copy of the database alone does not hold."""

    logs: int
    templates: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: how many tasks and logs, and the folder with all that was there before; None for none."""

    revision: str
    tasks: int
    logs: int
    templates: bool
    aside: Path | None


@dataclass(frozen=True, slots=True)
class _Source:
    """A backup that has been unpacked beside the data that it is to replace."""

    folder: Path
    contents: Contents
    attempts: list[AttemptKey]
    has_templates: bool


def left_out(data_dir: Path) -> LeftOut:
    """Return what is in `data_dir` beside the database and worth a backup."""
    return LeftOut(len(list(_attempts_in(data_dir / ATTEMPTS))), (data_dir / TEMPLATES).is_file())


def back_up_all(database: Database, data_dir: Path, target: Path) -> int:
    """Write database, logs and templates into the archive `target` (tar), which appears when it is whole.

    Returns how many logs there are. Jobs go on meanwhile; what they saved in their `work` folders is left out.

    Raises:
        ConflictError: If the database is PostgreSQL.
        BackupError: If something cannot be read, or `target` cannot be written.
    """
    partial = target.with_name(target.name + PARTIAL)
    copy = target.with_name(f"{target.name}.{DATABASE}")
    try:
        back_up(database, copy)
        contents = contents_of(copy)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - mode
            logs = _write_archive(file, copy, data_dir, contents)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        sync(target.parent)
    except OSError as error:
        raise BackupError(f"could not write {target}: {error}") from error
    finally:
        for each in (copy, partial):
            each.unlink(missing_ok=True)
    return logs


def restore(source: Path, data_dir: Path, *, now: datetime) -> Restored:
    """Put a backup, of the database alone or of everything, in place of what is in `data_dir`, which the caller owns.

    What was there is kept in a folder beside it: database, templates, and the logs of attempts that the backup
    does not know, for the ids of their tasks will be given again.

    Raises:
        BackupError: If the backup is damaged or cannot be read; nothing has changed then.
        ConflictError: If a job runs that the backup does not know.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = data_dir / f"restore{PARTIAL}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700)
        found = _unpack(source, draft)
        _note_restore(found, source, now)
        return _swap(found, data_dir, data_dir / f"replaced-{now:%Y%m%dT%H%M%SZ}")
    except OSError as error:
        raise BackupError(f"could not restore {source}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _attempts_in(folder: Path) -> Iterator[AttemptKey]:
    for each in folder.iterdir() if folder.is_dir() else ():
        if (key := AttemptKey.from_folder(each.name)) is not None and not each.is_symlink():
            yield key


def _is_known(key: AttemptKey, contents: Contents) -> bool:
    return key.attempt <= contents.attempts.get(key.task_id, 0)


# Writing


def _write_archive(file: io.BufferedWriter, copy: Path, data_dir: Path, contents: Contents) -> int:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        _add_file(archive, copy, DATABASE)
        for name in (TEMPLATES, OWNER):
            if (data_dir / name).is_file():
                _add_file(archive, data_dir / name, name)
        known = [key for key in _attempts_in(data_dir / ATTEMPTS) if _is_known(key, contents)]
        for key in known:
            for path in _files_of(data_dir / ATTEMPTS / key.folder):
                _add_file(archive, path, str(path.relative_to(data_dir)))
        return len(known)


def _files_of(folder: Path) -> Iterator[Path]:
    """Yield what a supervisor or the server keeps of an attempt: plain files, none of the job's own."""
    for parent, folders, names in os.walk(folder):
        if Path(parent) == folder and WORK in folders:
            folders.remove(WORK)
        yield from (
            path for name in names if (path := Path(parent, name)).is_file() and not path.is_symlink()
        )


def _add_file(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file as long as it is now; one that has just been taken away is no loss: a log has dropped its middle."""
    try:
        with path.open("rb") as file:
            archive.addfile(archive.gettarinfo(arcname=name, fileobj=file), file)
    except FileNotFoundError:
        return


# Reading


def _unpack(source: Path, draft: Path) -> _Source:
    if source.is_file() and tarfile.is_tarfile(source):
        try:
            with tarfile.open(source) as archive:
                archive.extractall(draft, filter="data")
        except tarfile.TarError as error:
            raise BackupError(f"{source} is damaged: {error}") from error
        packed = draft / DATABASE
        if not packed.is_file():
            raise BackupError(f"{source} holds no {DATABASE}: it is no backup of TrainWatch")
        source = packed.rename(draft / f"{DATABASE}.packed")
    contents = copy_whole(source, draft / DATABASE)
    attempts = [key for key in _attempts_in(draft / ATTEMPTS) if _is_known(key, contents)]
    return _Source(draft, contents, attempts, (draft / TEMPLATES).is_file())


def _note_restore(found: _Source, source: Path, now: datetime) -> None:
    """Say in the audit log of the copy where it comes from; one of an older version has other tables."""
    if found.contents.revision != HEAD:
        return
    database = open_database(found.folder / DATABASE)
    run_once(database, lambda work: work.audit(CONSOLE, "restored backup", source.name), now=now)
    if not close_whole(database):
        raise BackupError(f"the copy of {source} could not be closed")


def _swap(found: _Source, data_dir: Path, aside: Path) -> Restored:
    attempts = data_dir / ATTEMPTS
    present = set(_attempts_in(attempts))
    coming = {key for key in found.attempts if not _is_running(attempts / key.folder)}
    going = _foreign_among(present, found.contents, data_dir)
    for key in going:
        if _is_running(attempts / key.folder):
            raise ConflictError(
                f"job {key.task_id} runs (attempt {key.attempt}) and is not in the backup: stop it first"
            )
    aside.mkdir(mode=0o700)
    (aside / ATTEMPTS).mkdir(mode=0o700)
    for key in going | (coming & present):
        (attempts / key.folder).rename(aside / ATTEMPTS / key.folder)
    attempts.mkdir(mode=0o700, exist_ok=True)
    for key in coming:
        (found.folder / ATTEMPTS / key.folder).rename(attempts / key.folder)
    for name in (TEMPLATES, OWNER):
        if (found.folder / name).is_file():
            if (data_dir / name).exists():
                os.link(data_dir / name, aside / name)
            (found.folder / name).replace(data_dir / name)
    put_in_place(found.folder / DATABASE, data_dir / DATABASE, aside)
    (data_dir / OWNER).write_text(found.contents.instance or "")
    return Restored(
        found.contents.revision,
        len(found.contents.attempts),
        len(coming),
        found.has_templates,
        aside if _drop_if_empty(aside) else None,
    )


def _foreign_among(present: set[AttemptKey], contents: Contents, data_dir: Path) -> set[AttemptKey]:
    """Return the attempts that are none of the backup's, though their tasks may have the same ids."""
    owner = data_dir / OWNER
    if not owner.is_file() or owner.read_text() != (contents.instance or ""):
        return present
    return {key for key in present if not _is_known(key, contents) or _is_later(key, contents, data_dir)}


def _is_later(key: AttemptKey, contents: Contents, data_dir: Path) -> bool:
    """Whether an attempt began after the backup: an id is given again after an earlier restore."""
    described = data_dir / ATTEMPTS / key.folder / LAUNCH
    latest_at = contents.latest_at
    return (
        latest_at is not None
        and described.is_file()
        and described.stat().st_mtime > latest_at.timestamp() + 1
    )


def _is_running(folder: Path) -> bool:
    try:
        return isinstance(adopt(folder), Handle)
    except (FileNotFoundError, ValueError):
        return False


def _drop_if_empty(aside: Path) -> bool:
    """Return whether something was there before; where nothing was, no empty folder stays."""
    kept = any(path.is_file() for path in aside.rglob("*"))
    if not kept:
        shutil.rmtree(aside)
    return kept
