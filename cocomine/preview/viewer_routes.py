"""Which of FiftyOne's routes does the viewer serve?

Those that the App needs for looking, filtering and tagging, by name; whatever else FiftyOne has or gets is refused:
routes that change samples, that read or list files of the computer, and operators, which run code, but for two that
the App calls by itself.
"""

import json

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_ROUTES = frozenset({"/", "/favicon.ico", "/features", "/fiftyone", "/media", "/model_evaluation.svg", "/plugins"})
READ_FOLDERS = ("/assets/", "/datasets/")
OPERATOR_ROUTE = "/operators/execute"
POST_ROUTES = frozenset(
    {"/aggregate", "/events", "/graphql", "/operators", "/operators/resolve-placements", "/tag", "/tagging", "/values"}
    | {OPERATOR_ROUTE}
)
READING_OPERATORS = frozenset({"@voxel51/operators/get_label_schemas", "@voxel51/operators/list_workspaces"})
LONGEST_CALL_BYTES = 10_000_000


def is_served(method: str, path: str) -> bool:
    """Return whether the App needs this route for looking."""
    if method in {"GET", "HEAD"}:
        return path in READ_ROUTES or path.startswith(READ_FOLDERS)
    return method == "POST" and path in POST_ROUTES


class ReadingOperators:
    """An ASGI layer that passes on calls of `READING_OPERATORS` and refuses those of any other operator."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass the call on."""
        body = await _body(scope, receive)
        if _operator(body) not in READING_OPERATORS:
            await PlainTextResponse("CocoMine's viewer runs no operators.", status_code=403)(scope, receive, send)
            return

        async def receive_again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Return the request's body; none where it is longer than any call of the App."""
    length = Headers(scope=scope).get("content-length", "")
    if not length.isdigit() or int(length) > LONGEST_CALL_BYTES:
        return b""
    body, is_complete = b"", False
    while not is_complete:
        message = await receive()
        body += message.get("body", b"")
        is_complete = not message.get("more_body", False)
    return body


def _operator(body: bytes) -> str:
    try:
        call = json.loads(body)
    except ValueError:
        return ""
    return str(call.get("operator_uri")) if isinstance(call, dict) else ""
