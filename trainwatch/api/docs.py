"""The description of the API, made from the operations themselves: OpenAPI, and a page to read."""

import html
from collections.abc import Sequence
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from trainwatch import __version__
from trainwatch.api.http import json_response
from trainwatch.api.operation import Operation
from trainwatch.door.identity import Door
from trainwatch.door.rights import EVERYBODY, ON_THIS_MACHINE, Right

_ERROR = {
    "type": "object",
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "Stable; match on this."},
                "field": {"type": ["string", "null"], "description": "What was wrong, as it was spelt."},
                "message": {"type": "string", "description": "Why, for people."},
            },
        },
    },
}


def describe(operations: Sequence[Operation], door: Door) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `operations` behind `door`."""
    needless = ON_THIS_MACHINE if door.policy.lets_anonymous_in else EVERYBODY
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(_openapi_path(operation.path), {})[operation.method.lower()] = {
            **_describe(operation),
            "security": _security(operation.right, is_needed=operation.right not in needless),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "TrainWatch", "version": __version__, "description": "Watch training, live."},
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR}, "securitySchemes": _schemes(door.cookie_name)},
    }


def _openapi_path(path: str) -> str:
    return path.replace(":int}", "}").replace(":path}", "}")


def _describe(operation: Operation) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in operation.param_convertors
    ]
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": f"Needs the right `{operation.right}`.",
        "parameters": [*in_path, *operation.parameters],
        "responses": {
            "200": {"description": "Done."},
            "4XX": {"description": "Refused; says which field and why.", "content": refused},
        },
    }
    if operation.body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": operation.body}}}
    return described


def _schemes(cookie_name: str) -> dict[str, Any]:
    """Return the ways to show who one is."""
    key = "A key, which begins with `tw_`."
    cookie = "What `POST /api/sign-in` gives to a browser."
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": key},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": key},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name, "description": cookie},
    }


def _security(right: Right, *, is_needed: bool) -> list[dict[str, list[str]]]:
    """Return what a caller shows: one of the ways, or nothing at all where `is_needed` is false."""
    if right in EVERYBODY:
        return []
    shown: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}, {"session": []}]
    return shown if is_needed else [{}, *shown]


def documentation(operations: list[Operation], door: Door) -> list[Operation]:
    """Return the operations that describe all of `operations`, themselves included."""

    async def openapi(request: Request) -> Response:
        return json_response(describe(operations, door))

    async def page(request: Request) -> Response:
        return HTMLResponse(_page(operations))

    return [
        Operation("GET /openapi.json", openapi, right=Right.READ, summary="This API as OpenAPI 3.1."),
        Operation("GET /docs", page, right=Right.READ, summary="This API as a page to read."),
    ]


_STYLE = """
:root{color-scheme:light dark;--line:light-dark(#e4e4e7,#27272a);--soft:light-dark(#52525b,#a1a1aa);
--back:light-dark(#fafafa,#09090b);--card:light-dark(#fff,#131316);--accent:light-dark(#0d7a5f,#34d399)}
body{font:15px/1.6 ui-sans-serif,system-ui,sans-serif;margin:0;background:var(--back)}
main{max-width:860px;margin:0 auto;padding:48px 20px 96px}h1{font-size:28px;letter-spacing:-.02em;margin:0}
p{color:var(--soft)}section{background:var(--card);border:1px solid var(--line);border-radius:12px;
margin:16px 0;padding:18px 20px}section>p{margin:4px 0 0}
code,pre{font:13px/1.6 ui-monospace,monospace}h2{font-size:15px;margin:0;overflow-wrap:anywhere}
h2 b{color:var(--accent);display:inline-block;min-width:64px;font:600 12px ui-monospace,monospace}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin-top:14px;font-size:13.5px}
td{border-top:1px solid var(--line);padding:7px 14px 7px 0;vertical-align:top}td:first-child{white-space:nowrap}
td:nth-child(2){color:var(--soft);white-space:nowrap}a{color:var(--accent)}
"""


def _page(operations: Sequence[Operation]) -> str:
    sections = "".join(_section(operation) for operation in operations)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API · TrainWatch</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>TrainWatch API</h1>"
        f'<p>Version {__version__}. The same as <a href="/openapi.json">OpenAPI 3.1</a>. '
        'An error is <code>{"ok": false, "error": {"code", "field", "message"}}</code>. '
        '<a href="/">Back to the tasks</a></p>'
        f"{sections}</main></body></html>"
    )


def _section(operation: Operation) -> str:
    fields = [(each["name"], each["schema"], each["description"]) for each in operation.parameters]
    if operation.body is not None:
        fields += [
            (name, schema, schema.get("description", ""))
            for name, schema in operation.body["properties"].items()
        ]
    rows = "".join(
        f"<tr><td><code>{html.escape(name)}</code></td><td>{html.escape(_kind(schema))}</td>"
        f"<td>{html.escape(about)}</td></tr>"
        for name, schema, about in fields
    )
    table = f'<div class="scroll"><table>{rows}</table></div>' if rows else ""
    path = html.escape(_openapi_path(operation.path))
    return (
        f"<section><h2><b>{operation.method}</b> <code>{path}</code></h2>"
        f"<p>{html.escape(operation.summary)} Needs the right <code>{operation.right}</code>.</p>{table}</section>"
    )


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(schema["enum"])
    kind = schema.get("type", "")
    return " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)
