"""What does the viewer serve beside FiftyOne's own App?

`POST /cocomine/show` loads images and changes what the open App shows, without a reload; `GET /cocomine/excluded`
returns which images the person tagged, `POST` sets it; and the App's own page with one script put before its others,
which sets the theme asked for and takes away a pop-up that would block every click. Page and style sheets come
without their web fonts, which would be asked for on other hosts.
"""

import asyncio
import re
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from cocomine.viewer.fiftyone_internals import STATIC, dataset_id, fiftyone_app, selected_sample_ids, tell_app
from cocomine.viewer.guard import CONTROL_PATH, Guard
from cocomine.viewer.protocol import decoded_keys, decoded_request
from cocomine.viewer.routes import CheckedCalls, served_documents
from cocomine.viewer.samples import SampleStore

FIRST_SCRIPT = """<style>
#cocomine-waiting { position: fixed; inset: 60% 0 auto; z-index: 9999; margin: 0; text-align: center; }
#cocomine-waiting { pointer-events: none; font: 1rem system-ui, sans-serif; color: light-dark(#31333f, #fafafa); }
</style>
<script>
localStorage.setItem("fiftyone-enterprise-tooltip-seen", "true");
const theme = new URLSearchParams(location.search).get("theme");
if (theme === "light" || theme === "dark") localStorage.setItem("mui-mode", theme);
const fields = JSON.parse(sessionStorage.getItem("activeFields") || "{}");
const active = {"datasetId": "DATASET_ID", "activeFields": ["ground_truth", "tags"]};
if (fields.datasetId !== active.datasetId) sessionStorage.setItem("activeFields", JSON.stringify(active));
document.documentElement.style.colorScheme = theme || "light";
const timer = setInterval(() => {
  if (!document.querySelector('[data-cy="looker"]') && performance.now() < 60000) return;
  document.getElementById("cocomine-waiting").remove();
  clearInterval(timer);
}, 100);
</script>
"""
"""What the App's own page begins with: the theme asked for; it takes away the words that stand there until an image."""

WAITING = '<p id="cocomine-waiting" role="status">Loading FiftyOne … the first image takes some seconds.</p>'
"""It begins the page's body, before the App's style sheets, so that it is drawn while these are being loaded."""

WEB_FONT = re.compile(r"""@import\s*"https://[^"]*";|<link[^>]*"https://fonts[^>]*>""")

# The page may load from, and send to, nobody but its own server: fonts come from the system, nothing leaves.
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "frame-ancestors http://127.0.0.1:* http://localhost:*"
)


def guarded_app(store: SampleStore, *, port: int, control_token: str, frame_token: str) -> Guard:
    """Return FiftyOne's App on `store`, with our routes, behind the guard."""
    html = _page_html(dataset_id(store.dataset))

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"Cache-Control": "no-store", "Content-Security-Policy": POLICY})

    async def show(request: Request) -> JSONResponse:
        shown = decoded_request(await request.body())
        guard.open_folders(shown.image_folders)
        await tell_app(store.dataset, await run_in_threadpool(store.show, shown))
        return JSONResponse({"image_count": len(shown.order)})

    async def excluded(request: Request) -> JSONResponse:
        if request.method == "POST":
            await run_in_threadpool(store.exclude, decoded_keys(await request.body()))
            await tell_app(store.dataset, await run_in_threadpool(store.view))
        return JSONResponse(await run_in_threadpool(store.exclusion_tags))

    async def selected(_: Request) -> JSONResponse:
        return JSONResponse(store.keys_of(selected_sample_ids()))

    routes = [
        Route(f"{CONTROL_PATH}show", show, methods=["POST"]),
        Route(f"{CONTROL_PATH}excluded", excluded, methods=["GET", "POST"]),
        Route(f"{CONTROL_PATH}selected", selected),
        Route("/{folders:path}assets/{name}.css", _style_sheet),  # the page asks for them relative to itself
        *(Route(path, page) for path in ("/", "/datasets/{name}")),
        Mount("/", app=CheckedCalls(fiftyone_app, served_documents((STATIC / "assets").glob("*.js")))),
    ]
    guard = Guard(Starlette(routes=routes), port=port, control_token=control_token, frame_token=frame_token)
    return guard


def serve_forever(app: Guard, listener: socket.socket) -> None:
    """Serve `app` on a socket that listens already, so that nobody can take its port in between."""
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.accesslog = None
    # A trigger of our own keeps hypercorn from taking the signals; it never fires, the process just ends.
    asyncio.run(serve(app, config, shutdown_trigger=asyncio.Event().wait))  # type: ignore[arg-type]  # its own ASGI types


async def _style_sheet(request: Request) -> Response:
    sheet = STATIC / "assets" / f"{request.path_params['name']}.css"
    if not sheet.is_file():
        return PlainTextResponse("There is no such style sheet.", status_code=404)
    return Response(WEB_FONT.sub("", sheet.read_text(encoding="utf-8")), media_type="text/css")


def _page_html(dataset_id: str) -> str:
    index = WEB_FONT.sub("", (STATIC / "index.html").read_text(encoding="utf-8"))
    before, script, after = index.partition("<script")
    return before + FIRST_SCRIPT.replace("DATASET_ID", dataset_id) + WAITING + script + after
