"""How does a browser fetch an export as a zip that is larger than the memory of this computer?

From a route of its own, beside Streamlit's, whose download button would hold all of it. A page offers an export and
gets an address for it; what nobody offered has none, and no address has a path in it. The guard stands before this
route as before every other (docs/decisions/010). A browser shows how far a download is and cancels it: it knows the
length, and when it hangs up, the making of the zip ends.
"""

import hashlib
import hmac
import secrets
from collections.abc import Generator, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from cocomine.errors import CocomineError

FOLDER = "zip"
_key = secrets.token_bytes(32)
_offered: dict[str, Path] = {}
"""Folders of exports by the name that each has in its address."""


def zip_address(folder: Path) -> str:
    """Offer an export for download, and return its address from any page on; always the same from this process."""
    name = hmac.new(_key, str(folder).encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
    _offered[name] = folder
    return f"{FOLDER}/{name}"


async def _zip(request: Request) -> Response:
    folder = _offered.get(request.path_params["name"])
    if folder is None:
        text = "This download was offered by a CocoMine that has ended. Load its page again, then download from there."
        return PlainTextResponse(text, status_code=404)
    from cocomine.exporting.zipping import plan_zip, zip_blocks  # noqa: PLC0415 - the server answers before it is there

    try:
        plan = await run_in_threadpool(plan_zip, folder)
    except CocomineError as error:
        return PlainTextResponse(str(error), status_code=409)
    headers = {
        "Content-Length": str(plan.size),
        "Content-Disposition": f'attachment; filename="{plan.file_name}"',
        "Content-Encoding": "identity",  # or Streamlit's layer would compress it, and take away its length
        "Cache-Control": "no-store",
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/zip")
    return _Download(zip_blocks(plan), headers=headers)


class _Download(StreamingResponse):
    """A zip on its way, whose files are closed when it has ended, however it did."""

    media_type = "application/zip"

    def __init__(self, blocks: Generator[bytes], *, headers: Mapping[str, str]) -> None:
        super().__init__(blocks, headers=headers)
        self._blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all blocks, or those until the browser hangs up."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._blocks.close()


def download_routes() -> list[Route]:
    """Return the routes that the app has beside Streamlit's."""
    return [Route(f"/{FOLDER}/{{name}}", _zip)]
