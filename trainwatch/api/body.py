"""Bodies as they come: JSON, NDJSON or a form, whatever their content type says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from trainwatch.errors import BadRequestError, TooLargeError, TrainwatchError

MAX_REPORTS = 20_000
_MAX_FIELDS = 1_000
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class Payloads:
    """The objects of one body; `is_batch` when they came as a list or as lines.

    `broken` holds the lines that are no JSON, by their index.
    """

    objects: list[object]
    is_batch: bool
    broken: Mapping[int, TrainwatchError]


def parse_body(body: bytes, query: bytes) -> Payloads:
    """Return the objects in `body`; fields of `query` are added to a single one that lacks them.

    Raises:
        BadRequestError: If it is neither JSON nor a form.
        TooLargeError: If it holds too many reports.
    """
    start = body.lstrip(b" \t\r\n\xef\xbb\xbf")
    fields = _form(query)
    if start[:1] not in (b"{", b"["):
        return Payloads([{**_form(body), **fields}], is_batch=False, broken={})
    try:
        content = parse_json(start)
    except BadRequestError:
        lines = [line for line in start.splitlines() if line.strip()]
        if start[:1] != b"{" or len(lines) < 2:
            raise
        return _parse_lines(lines)
    if isinstance(content, list):
        _check_count(len(cast("list[object]", content)))
        return Payloads(cast("list[object]", content), is_batch=True, broken={})
    if fields and isinstance(content, dict):
        content = {**fields, **cast("dict[str, Any]", content)}
    return Payloads([content], is_batch=False, broken={})


def parse_json(text: bytes) -> object:
    """Return what the JSON `text` holds; NaN and Infinity are understood, as Python writes them.

    Raises:
        BadRequestError: If it is no JSON; says where.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in text and b"Infinity" not in text:
            raise BadRequestError(f"the body is not JSON: {error}", field="body") from None
    try:
        return json.loads(text)
    except RecursionError:
        raise BadRequestError("the body is not JSON: nested too deep", field="body") from None
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}", field="body") from None


def _parse_lines(lines: list[bytes]) -> Payloads:
    """Return NDJSON line by line, so that a bad line is named and the rest kept."""
    _check_count(len(lines))
    objects: list[object] = []
    broken: dict[int, TrainwatchError] = {}
    for index, line in enumerate(lines):
        try:
            objects.append(parse_json(line))
        except BadRequestError as error:
            objects.append(None)
            broken[index] = error
    return Payloads(objects, is_batch=True, broken=broken)


def _check_count(count: int) -> None:
    if count > MAX_REPORTS:
        raise TooLargeError(f"{count} reports in one body; send at most {MAX_REPORTS}")


def _form(text: bytes) -> dict[str, object]:
    if not text:
        return {}
    if kind := next((kind for magic, kind in _COMPRESSED.items() if text.startswith(magic)), None):
        raise BadRequestError(f"the body is compressed with {kind}; send it as it is", field="body")
    try:
        pairs = parse_qsl(
            text.decode(),
            keep_blank_values=True,
            strict_parsing=False,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise BadRequestError(f"neither JSON nor a form: {error}", field="body") from None
    return dict(pairs)
