"""Which of FiftyOne's routes does the viewer serve, and what may a call of them bring?

The routes that the App needs for looking, filtering and tagging, by name; whatever else FiftyOne has or gets is
refused: routes that change samples, that read or list files of the computer, that call an aggregation by its name, and
operators, which run code, but for two that the App calls by itself. A call's JSON is read once, here, and what is
handed on is written anew from what was looked at: no name in it but those of `allowed_names`; of GraphQL only the
documents that the App itself is made with, and of those the ones in `GRAPHQL`; and operators get the dataset's name
and nothing more.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cocomine.viewer.allowed_names import GRAPHQL, READING_OPERATORS, disallowed_name

READ_ROUTES = frozenset({"/", "/favicon.ico", "/features", "/fiftyone", "/media", "/model_evaluation.svg", "/plugins"})
READ_FOLDERS = ("/assets/", "/datasets/")
GRAPHQL_ROUTE = "/graphql"
OPERATOR_ROUTES = frozenset({"/operators", "/operators/execute", "/operators/resolve-placements"})
POST_ROUTES = frozenset({GRAPHQL_ROUTE, "/events", "/tag", "/tagging", "/values"}) | OPERATOR_ROUTES
LONGEST_CALL_BYTES = 10_000_000
DOCUMENT = re.compile(r"text:`((?:query|mutation|subscription) (\w+)[^`]*)`")

_log = logging.getLogger(__name__)


class CallError(Exception):
    """A call that is not served; the message says why."""


def is_served(method: str, path: str) -> bool:
    """Return whether the App needs this route for looking."""
    if method in {"GET", "HEAD"}:
        if "//" in path or "\\" in path or ".." in path.split("/"):
            return False  # each file of the App has one address
        return path in READ_ROUTES or path.startswith(READ_FOLDERS)
    return method == "POST" and path in POST_ROUTES


def served_documents(scripts: Iterable[Path]) -> frozenset[str]:
    """Return the documents of `GRAPHQL`, word for word as it stands in the App's scripts."""
    found = (match for script in scripts for match in DOCUMENT.finditer(script.read_text(encoding="utf-8")))
    return frozenset(match[1] for match in found if match[2] in GRAPHQL)


def checked_call(path: str, body: bytes, documents: frozenset[str]) -> bytes:
    """Return what is handed on of a call's body.

    Raises:
        CallError: it brings what the App does not need.
    """
    try:
        call = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallError("this is no JSON") from error
    if not isinstance(call, dict):
        raise CallError("this is no JSON object")
    unknown = disallowed_name(call)
    if unknown is not None:
        raise CallError(f"the name {unknown[:200]!r} is not served")
    if path == GRAPHQL_ROUTE:
        call = _checked_query(call, documents)
    elif path in OPERATOR_ROUTES:
        call = _checked_operator(path, call)
    return json.dumps(call).encode()


def _checked_query(call: Mapping[str, Any], documents: frozenset[str]) -> dict[str, Any]:
    if call.get("query") not in documents:
        raise CallError("this GraphQL is not the App's")
    return {"query": call["query"], "variables": call.get("variables")}


def _checked_operator(path: str, call: Mapping[str, Any]) -> dict[str, Any]:
    dataset = {"dataset_name": call.get("dataset_name")}
    if path != "/operators/execute":
        return dataset
    if call.get("operator_uri") not in READING_OPERATORS:
        raise CallError("CocoMine's viewer runs no operators")
    return {"operator_uri": call["operator_uri"], **dataset, "params": {}}


class CheckedCalls:
    """An ASGI layer that hands on what `checked_call` returns, answers the rest with 403 and writes it to the log."""

    def __init__(self, app: ASGIApp, documents: frozenset[str]) -> None:
        """Stand before `app`, which takes these GraphQL documents."""
        self._app = app
        self._documents = documents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass the call on."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            body = checked_call(scope["path"], await _body(receive), self._documents)
        except CallError as refusal:
            _log.warning("Refused POST %s: %s.", scope["path"], refusal)
            await PlainTextResponse(f"Not served: {refusal}.", status_code=403)(scope, receive, send)
            return
        await self._app(_with_length(scope, len(body)), _received(body, receive), send)


async def _body(receive: Receive) -> bytes:
    """Return the request's body, as long as any call of the App may be."""
    body, is_complete = b"", False
    while not is_complete:
        message = await receive()
        body += message.get("body", b"")
        is_complete = not message.get("more_body", False)
        if len(body) > LONGEST_CALL_BYTES:
            raise CallError(f"a call has at most {LONGEST_CALL_BYTES} bytes")
    return body


def _received(body: bytes, receive: Receive) -> Receive:
    """Return what hands on `body`, and then what else comes, such as the end of the connection."""
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again


def _with_length(scope: Scope, length: int) -> Scope:
    replaced = {b"content-length", b"content-type", b"transfer-encoding"}
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in replaced]
    own = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
    return {**scope, "headers": kept + own}
