"""The viewer as its client sees it: one real process for most tests, others where a process has to die."""

import fcntl
import gc
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import numpy as np
import psutil
import pymongo
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from requests_by_hand import another_user
from watching import has_ended

from cocomine.coco.size import Size
from cocomine.errors import ViewerError
from cocomine.viewer.client import Viewer, ViewerObject, ViewerSample, start_viewer
from cocomine.viewer.left_out import StandIn
from cocomine.viewer.masks import clipped_box, mask_in_box
from cocomine.viewer.mongod import SharedMongod, mongod_executable
from cocomine.viewer.protocol import TOKEN_HEADER
from cocomine.workspace import Workspace

needs_mongod = pytest.mark.skipif(mongod_executable() is None, reason="no mongod here")
DRAWN_ELSEWHERE = """address => new Promise(answer => {
    const image = new Image();
    [image.onload, image.onerror] = [() => answer(true), () => answer(false)];
    image.src = address;
})"""
COLOURS = {"giraffe": "#cc9900", "bus": "#0066ff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Two viewers of one workspace, ready, and four images in one folder; tests about one viewer use the first."""

    viewer: Viewer
    other: Viewer
    workspace: Workspace
    images: Path
    samples: tuple[ViewerSample, ...]

    def show(self, *image_ids: int, classes: list[str] | None = None) -> str:
        shown = [sample for sample in self.samples if sample.image_id in image_ids]
        return self.viewer.show(shown, colours=COLOURS, image_folders=[self.images], classes=classes)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("viewer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder / "home"))
        viewer, other = (start_viewer(Workspace(root=folder / "workspace")) for _ in range(2))
    samples = _drawn_samples(folder / "images")
    assert viewer.wait_until_started(60).state == "ready", viewer.status
    assert other.wait_until_started(60).state == "ready", other.status
    yield Scene(
        viewer=viewer,
        other=other,
        workspace=Workspace(root=folder / "workspace"),
        images=folder / "images",
        samples=samples,
    )
    other.close()
    assert other.status.state == "closed"
    assert viewer.status.state == "ready"
    viewer.close()
    assert not (folder / "home").exists(), "FiftyOne wrote outside the workspace"


def _drawn_samples(folder: Path) -> tuple[ViewerSample, ...]:
    folder.mkdir()
    for image_id in range(1, 5):
        Image.new("RGB", (64, 48), (60 * image_id, 120, 40)).save(folder / f"{image_id}.png")
    giraffe = _object(annotation_id=1, segmentation=[[10.0, 10.0, 40.0, 10.0, 40.0, 30.0, 10.0, 30.0]])
    crowd = _object(annotation_id=2, class_name="bus", segmentation={"size": [48, 64], "counts": [480, 96, 2496]})
    return tuple(
        ViewerSample(
            image_id=image_id,
            split="val",
            image_path=folder / f"{image_id}.png",
            width=64,
            height=48,
            objects=(giraffe, crowd),
        )
        for image_id in range(1, 5)
    )


def _object(**changes: Any) -> ViewerObject:
    plain = ViewerObject(
        annotation_id=1,
        class_name="giraffe",
        is_crowd=False,
        area_px=600.0,
        box_xywh=(10.0, 10.0, 30.0, 20.0),
        segmentation=None,
    )
    return replace(plain, **changes)


def _sent(url: str, *lines: str) -> bytes:
    """Send a request's head as it stands and return the first line of the answer."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.makefile("rb").readline()


def _ask(url: str, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, bytes]:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    json_type = {"Content-Type": "application/json"} if body else {}
    connection.request(method, path, json.dumps(body) if body else None, json_type | headers)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def _frame_cookie(url: str) -> str:
    """Open the frame as a browser does and return the cookie that it sets."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    connection.request("GET", f"{place.path}?{place.query}")
    response = connection.getresponse()
    assert response.status == 200
    assert b"fiftyone-enterprise-tooltip-seen" in response.read()
    connection.close()
    return str(response.headers["Set-Cookie"]).partition(";")[0]


def _app_state(url: str) -> dict[str, Any]:
    """Return what the App is told to show when it opens the frame."""
    body = {
        "initializer": {"dataset": "images", "view": "selection"},
        "events": ["state_update"],
        "subscription": secrets.token_hex(),
        "polling": True,
    }
    status, answer = _ask(url, "/events", method="POST", body=body, Cookie=_frame_cookie(url))
    assert status == 200
    state: dict[str, Any] = json.loads(answer)["events"][0]["data"]["state"]
    return state


def tagged_in(viewer: Viewer) -> set[tuple[str, int]]:
    return {key for key, is_out in viewer.exclusion_tags().items() if is_out}


def _ids_shown(url: str) -> list[str]:
    select = _app_state(url)["view"][0]
    return list(dict(select["kwargs"])["sample_ids"])


def _shown_count(url: str) -> int:
    return len(_ids_shown(url))


def _eventually(condition: Callable[[], bool], limit_s: float = 15.0) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def _children(workspace: Workspace) -> dict[str, psutil.Process]:
    """Return the processes that name the workspace's viewer folder, by kind."""
    folder = str(workspace.viewer)
    found = {}
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if "cocomine.viewer.process" in words and folder in words:
            found["viewer"] = process
        if "--dbpath" in words and any(word.startswith(folder) for word in words):
            found["mongod"] = process
    return found


@needs_mongod
@pytest.mark.slow
def test_the_app_is_told_the_view_and_the_colours(scene: Scene) -> None:
    url = scene.show(1, 2, 3)
    assert _shown_count(url) == 3
    (field,) = _app_state(url)["color_scheme"]["fields"]
    assert field["path"] == "ground_truth"
    assert {entry["value"]: entry["color"] for entry in field["valueColors"]} == COLOURS


@needs_mongod
@pytest.mark.slow
def test_another_view_keeps_the_address(scene: Scene) -> None:
    url = scene.show(1, 2, 3)
    assert scene.show(4) == url
    assert _shown_count(url) == 1


@needs_mongod
@pytest.mark.slow
def test_classes_filter_the_objects_and_not_the_images(scene: Scene) -> None:
    url = scene.show(1, 2, classes=["bus"])
    select, labels = _app_state(url)["view"]
    assert select["_cls"].endswith("Select")
    assert dict(labels["kwargs"])["only_matches"] is False
    assert "bus" in str(labels["kwargs"])
    assert "giraffe" not in str(labels["kwargs"])


@needs_mongod
@pytest.mark.slow
def test_theme_and_host_of_the_address_follow_the_page(scene: Scene) -> None:
    url = scene.viewer.frame_url(theme="dark", host="localhost")
    assert urlsplit(url).hostname == "localhost"
    assert url.endswith("theme=dark")
    assert _frame_cookie(url)


@needs_mongod
@pytest.mark.slow
def test_a_tag_given_in_the_app_is_read_back_and_survives_changed_objects(scene: Scene) -> None:
    url = scene.show(1, 2)
    change = {"dataset": "images", "sample_ids": _ids_shown(url)[:1], "changes": {"exclude": True}}
    assert _ask(url, "/tag", method="POST", body=change, Cookie=_frame_cookie(url))[0] == 200
    assert tagged_in(scene.viewer) == {("val", 1)}
    other = replace(scene.samples[0], objects=())
    scene.viewer.show([other], colours=COLOURS, image_folders=[scene.images])
    assert tagged_in(scene.viewer) == {("val", 1)}
    undo = {"dataset": "images", "sample_ids": _ids_shown(url), "changes": {"exclude": False}}
    assert _ask(url, "/tag", method="POST", body=undo, Cookie=_frame_cookie(url))[0] == 200
    assert tagged_in(scene.viewer) == set()


@needs_mongod
@pytest.mark.slow
def test_exclusions_made_elsewhere_become_tags_and_their_end_takes_the_tags_away(scene: Scene) -> None:
    scene.show(1, 2)
    scene.viewer.exclude({("val", 2)})
    assert tagged_in(scene.viewer) == {("val", 2)}
    scene.viewer.exclude({("val", 1)})
    assert tagged_in(scene.viewer) == {("val", 1)}
    scene.viewer.exclude(())
    assert tagged_in(scene.viewer) == set()


@needs_mongod
@pytest.mark.slow
def test_of_images_that_are_not_held_nothing_is_told(scene: Scene) -> None:
    scene.show(1, 2)
    exclusion_tags = scene.viewer.exclusion_tags()
    assert {("val", 1), ("val", 2)} <= set(exclusion_tags) <= {sample.key for sample in scene.samples}


def test_neither_the_page_nor_its_style_sheets_ask_for_web_fonts(scene: Scene) -> None:
    url = scene.show(1)
    cookie = _frame_cookie(url)
    page = _ask(url, urlsplit(url).path, Cookie=cookie)[1].decode()
    sheets = [urlsplit(urljoin(url, name)).path for name in re.findall(r'href="([^"]+\.css)"', page)]
    assert sheets
    assert not any(
        "https://fonts" in text for text in [page, *(_ask(url, s, Cookie=cookie)[1].decode() for s in sheets)]
    )


@needs_mongod
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has loaded")
def test_a_viewer_loads_nothing_that_only_plots_need(scene: Scene) -> None:
    loaded = {each.path for each in psutil.Process(scene.viewer.process_id).memory_maps()}
    assert any("numpy" in path for path in loaded)
    assert not any("sklearn" in path or "pandas" in path for path in loaded)


def test_what_stands_in_for_a_module_says_so() -> None:
    with pytest.raises(AttributeError, match=r"^sklearn\.metrics\.f1_score: .* leaves scikit-learn out"):
        _ = StandIn("sklearn.metrics").f1_score


@pytest.mark.slow
def test_two_viewers_share_a_database_server_and_nothing_else(scene: Scene) -> None:
    mine = scene.show(1, 2, 3)
    theirs = scene.other.show(
        scene.samples[:1], colours=COLOURS, image_folders=[scene.images], excluded=[("val", 1), ("val", 9)]
    )
    assert (_shown_count(mine), _shown_count(theirs)) == (3, 1)
    assert tagged_in(scene.other) == {("val", 1)}
    assert tagged_in(scene.viewer) == set()
    for count in (2, 3, 4, 1, 2, 3, 4, 1, 2, 3):
        scene.show(*range(1, count + 1))
        scene.other.show(scene.samples[count - 1 :], colours=COLOURS, image_folders=[scene.images])
        assert (_shown_count(mine), _shown_count(theirs)) == (count, 5 - count)


@needs_mongod
@pytest.mark.slow
def test_viewers_live_through_a_death_of_their_database_and_one_that_lost_its_images_gives_up(scene: Scene) -> None:
    """The database that two viewers share is killed, and comes back with what only one of the two had in it."""
    address = scene.show(1, 2, 3)
    scene.viewer.exclude([("val", 2)])
    scene.other.show(scene.samples[:1], colours=COLOURS, image_folders=[scene.images])
    killed = _children(scene.workspace)["mongod"]
    waiting = psutil.Process(scene.other.process_id)
    waiting.suspend()
    killed.kill()
    assert scene.show(2, 3, 4) == address
    assert _shown_count(address) == 3
    assert tagged_in(scene.viewer) == {("val", 2)}, scene.viewer.exclusion_tags()
    _drop_databases_of(waiting.pid, _children(scene.workspace)["mongod"])
    waiting.resume()
    assert _eventually(lambda: _estimated_count(address) == 4)
    assert _eventually(lambda: scene.other.status.state == "failed")
    assert "lost what it held" in scene.other.status.message
    assert scene.other.status.can_be_replaced
    scene.viewer.exclude(())


def _estimated_count(url: str) -> int:
    """Return how many images the App believes the dataset to have; where it says none, no grid is drawn."""
    query = {"query": _app_document("datasetQuery"), "variables": {"name": "images", "view": [], "extendedView": []}}
    status, answer = _ask(url, "/graphql", method="POST", body=query, Cookie=_frame_cookie(url))
    assert status == 200, answer
    return int(json.loads(answer)["data"]["dataset"]["estimatedSampleCount"])


@cache
def _app_document(name: str) -> str:
    """Return one of the GraphQL documents that the App is made with, served or not."""
    (package,) = find_spec("fiftyone").submodule_search_locations  # type: ignore[union-attr, misc]
    for script in (Path(package) / "server" / "static" / "assets").glob("*.js"):
        found = re.search(rf"text:`((?:query|mutation) {name}\b[^`]*)`", script.read_text(encoding="utf-8"))
        if found:
            return found[1]
    raise AssertionError(f"the App has no document {name}")


def _drop_databases_of(viewer_pid: int, mongod: psutil.Process) -> None:
    uri = f"mongodb://{quote(str(Path(mongod.cwd()) / 'mongod.sock'), safe='')}/"
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        for name in client.list_database_names():
            if f"_{viewer_pid}_" in name:
                client.drop_database(name)


@needs_mongod
@pytest.mark.slow
def test_files_are_served_from_the_image_folders_only(scene: Scene) -> None:
    url = scene.show(1)
    cookie = _frame_cookie(url)
    secret = scene.images.parent / "secret.txt"
    secret.write_text("secret")
    link, linked_folder = scene.images / "link.png", scene.images / "linked"
    link.symlink_to(secret)
    linked_folder.symlink_to(scene.images.parent)
    image = quote(str(scene.images / "1.png"))
    away = scene.images / ".." / "secret.txt"
    refused = [
        *(f"filepath={quote(str(path))}" for path in (secret, away, link, linked_folder / "secret.txt")),
        f"filepath={quote(f'{scene.images}2/1.png')}",
        "filepath=/etc/hostname",
        "filepath=etc/hostname",
        f"filepath={quote(os.path.relpath('/etc/hostname'))}",
        f"filepath={quote(str(away)).replace('..', '%2e%2e').replace('/', '%2f')}",
        f"filepath={image}&filepath=/etc/hostname",
        f"filepath=/etc/hostname&filepath={image}",
        f"filepath={image}%00",
        "filepath=file:///etc/hostname",
    ]
    for query in refused:
        assert _ask(url, f"/media?{query}", Cookie=cookie)[0] == 403, query
        assert _ask(url, f"/%6dedia?{query}", Cookie=cookie)[0] == 403, query
    for path in ("//media", "/media/", "/datasets/../media", "/plugins/../media"):
        assert _ask(url, f"{path}?filepath=/etc/hostname", Cookie=cookie)[0] in {307, 403}, path
    for path in ("/assets/../../app.py", "/assets/%2e%2e/%2e%2e/app.py", "/datasets/x/..%2f..%2f..%2fapp.py"):
        assert _ask(url, path, Cookie=cookie)[0] == 403, path
    for path in ("/assets/../index.html", "/assets//etc/hostname", "/datasets/images/..%5c..", "/assets/.."):
        assert _ask(url, path, Cookie=cookie)[0] == 403, path
    twice = quote(quote(image, safe=""), safe="")
    assert _ask(url, f"/media?filepath={twice}", Cookie=cookie)[0] == 403
    status, content = _ask(url, f"/media?filepath={image}", Cookie=cookie)
    assert (status, content) == (200, (scene.images / "1.png").read_bytes())


@needs_mongod
@pytest.mark.slow
def test_strangers_are_refused(scene: Scene) -> None:
    url = scene.show(1)
    place = urlsplit(url)
    cookie = _frame_cookie(url)
    page, media = f"{place.path}?{place.query}", f"/media?filepath={quote(str(scene.images / '1.png'))}"
    assert _ask(url, page, Host="evil.example")[0] == 403
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.", "LOCALHOST", "127.0.0.2", "[::1]", "127.1"):
        assert _ask(url, page, Host=f"{host}:{place.port}")[0] == 403, host
    assert _ask(url, page, Host="127.0.0.1")[0] == 403
    assert _ask(url, media, Cookie=cookie, Origin="http://evil.example")[0] == 403
    assert _ask(url, media, Cookie=cookie, Origin="null")[0] == 403
    assert _ask(url, media, Cookie=cookie, Origin=f"http://127.0.0.1:{place.port}")[0] == 200
    assert _ask(url, media)[0] == 403
    assert _ask(url, media, Cookie=cookie + "x")[0] == 403
    neighbour = cookie.replace(f"-{place.port}=", "-9=")  # what the viewer on another port gave to the same browser
    assert _ask(url, media, Cookie=neighbour)[0] == 403
    assert _ask(url, media, Cookie=f"{neighbour}; {cookie}")[0] == 200
    for site in ("cross-site", "same-site"):
        assert _ask(url, media, Cookie=cookie, **{"Sec-Fetch-Site": site})[0] == 403
    assert _ask(url, place.path)[0] == 403
    assert _ask(url, "/cocomine/excluded", Cookie=cookie)[0] == 403
    assert _ask(url, "/cocomine/excluded", Cookie=cookie, **{TOKEN_HEADER: "guess"})[0] == 403


@needs_mongod
@pytest.mark.slow
def test_what_no_browser_sends_is_refused_too(scene: Scene) -> None:
    url = scene.show(1)
    own, cookie = urlsplit(url).netloc, f"Cookie: {_frame_cookie(url)}"
    known = ["GET /fiftyone HTTP/1.1", f"Host: {own}", cookie]
    upgrade = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    assert b" 200 " in _sent(url, *known)
    assert b" 200 " in _sent(url, *known, f"Origin: http://{own}")
    assert b" 400 " in _sent(url, *known, "Host: evil.example")
    assert b" 400 " in _sent(url, "GET /fiftyone HTTP/1.1", cookie)
    assert b" 403 " in _sent(url, "GET /fiftyone HTTP/1.0", cookie)
    assert b" 403 " in _sent(url, *known, f"Origin: http://{own}", "Origin: http://evil.example")
    assert b" 403 " in _sent(url, f"GET http://{own}/fiftyone HTTP/1.1", "Host: evil.example", cookie)
    assert b" 403 " in _sent(url, f"CONNECT {own} HTTP/1.1", f"Host: {own}", cookie)
    assert b" 403 " in _sent(url, *known, *upgrade, "Connection: Upgrade")


@needs_mongod
@pytest.mark.slow
def test_parts_of_a_picture_and_its_head_are_served_and_what_is_no_file_is_not(scene: Scene) -> None:
    url = scene.show(1)
    cookie, content = _frame_cookie(url), (scene.images / "1.png").read_bytes()
    picture = f"/media?filepath={quote(str(scene.images / '1.png'))}"
    assert _ask(url, picture, method="HEAD", Cookie=cookie) == (200, b"")
    assert _ask(url, picture, Cookie=cookie, Range="bytes=1-9") == (206, content[1:10])
    assert _ask(url, picture, Cookie=cookie, Range="bytes=999999-")[0] == 416
    os.mkfifo(scene.images / "waits")
    (scene.images / "folder").mkdir()
    for name in ("waits", "folder", "1.png/", ""):
        path = f"/media?filepath={quote(f'{scene.images}/{name}')}"
        assert _ask(url, path, Cookie=cookie)[0] == 404, name


@needs_mongod
@pytest.mark.slow
def test_a_call_that_is_longer_than_any_of_the_app_is_refused(scene: Scene) -> None:
    url = scene.show(1)
    status, answer = _ask(url, "/tag", method="POST", body={"view": "a" * 10_000_000}, Cookie=_frame_cookie(url))
    assert (status, b"at most" in answer) == (403, True)


@needs_mongod
@pytest.mark.slow
def test_every_page_of_the_app_may_ask_nobody_but_its_server(scene: Scene) -> None:
    url = scene.show(1)
    place = urlsplit(url)
    for path in ("/", "/datasets/images", "/datasets/another"):
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        connection.request("GET", path, headers={"Cookie": _frame_cookie(url)})
        response = connection.getresponse()
        assert b"<html" in response.read().lower()
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        connection.close()


@needs_mongod
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says whose a connection is")
def test_another_user_of_the_computer_is_refused_whatever_token_they_bring(scene: Scene) -> None:
    url = scene.show(1)
    place, cookie = urlsplit(url), _frame_cookie(url)
    control = scene.viewer._monitor.ready()["control_token"]
    with another_user():
        assert _ask(url, f"{place.path}?{place.query}")[0] == 403
        assert _ask(url, "/fiftyone", Cookie=cookie)[0] == 403
        assert _ask(url, "/cocomine/selected", **{TOKEN_HEADER: control})[0] == 403
    assert _ask(url, "/fiftyone", Cookie=cookie)[0] == 200


@needs_mongod
@pytest.mark.slow
def test_what_is_not_needed_for_looking_is_refused(scene: Scene) -> None:
    url = scene.show(1)
    cookie = _frame_cookie(url)
    sample = f"/dataset/images/sample/{_ids_shown(url)[0]}"
    for method, path in (
        ("PATCH", sample),
        ("POST", f"{sample}/commit-mask"),
        ("GET", "/plugins/any/file.js"),
        ("GET", "/screenshot/any.html"),
        ("GET", "/runtime-assets/models/sam2/any"),
        ("POST", "/event"),
        ("POST", "/operators/resolve-type"),
        ("POST", "/operators/execute/generator"),
        ("POST", "/media"),
        ("OPTIONS", "/media"),
    ):
        assert _ask(url, path, method=method, body={"a": 1}, Cookie=cookie)[0] == 403, path
    for operator, status in (("list_files", 403), ("delete_samples", 403), ("list_workspaces", 200)):
        call = {"operator_uri": f"@voxel51/operators/{operator}", "dataset_name": "images", "params": {}}
        assert _ask(url, "/operators/execute", method="POST", body=call, Cookie=cookie)[0] == status, operator
    assert _ask(url, "/operators/execute", method="POST", Cookie=cookie)[0] == 403


@needs_mongod
@pytest.mark.slow
@pytest.mark.parametrize(
    ("called", "arguments"),
    [
        ("subprocess.check_call", [["args", ["touch", "MARK"]]]),
        ("os.mkdir", [["path", "MARK"]]),
        ("eta.core.utils.ensure_dir", [["dirname", "MARK"]]),
        ("fiftyone.core.stages.Mongo", [["pipeline", [{"$limit": 1}]]]),
    ],
)
def test_a_request_cannot_have_code_called_by_its_name(
    scene: Scene, tmp_path: Path, called: str, arguments: Any
) -> None:
    url = scene.show(1)
    mark = tmp_path / "mark"
    stage = {"_cls": called, "kwargs": json.loads(json.dumps(arguments).replace("MARK", str(mark)))}
    call = {"dataset": "images", "view": [stage], "changes": {"hit": True}}
    assert _ask(url, "/tag", method="POST", body=call, Cookie=_frame_cookie(url))[0] == 403
    assert not mark.exists()


@needs_mongod
@pytest.mark.slow
def test_a_killed_parent_takes_viewer_and_database_along(tmp_path: Path) -> None:
    script = (
        "import pathlib, time; from cocomine.viewer.client import start_viewer; "
        "from cocomine.workspace import Workspace; "
        f"viewer = start_viewer(Workspace(root=pathlib.Path({str(tmp_path)!r}))); time.sleep(60)"
    )
    workspace = Workspace(root=tmp_path)
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        assert _eventually(lambda: len(_children(workspace)) == 2)
        children = _children(workspace)
        parent.send_signal(signal.SIGKILL)
    assert _eventually(lambda: all(map(has_ended, children.values())))


@needs_mongod
@pytest.mark.slow
def test_after_a_killed_viewer_its_database_is_gone_and_the_next_one_starts(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    viewer = start_viewer(workspace)
    assert _eventually(lambda: viewer.status.state == "importing")
    children = _children(workspace)
    children["viewer"].kill()
    assert viewer.wait_until_started(15).state == "failed"
    assert "ended unexpectedly" in viewer.status.message
    assert _eventually(lambda: has_ended(children["mongod"]), limit_s=5)
    again = start_viewer(workspace)
    assert _eventually(lambda: again.status.state == "importing")
    again.close()
    viewer.close()


@needs_mongod
@pytest.mark.slow
def test_a_viewer_nobody_holds_ends(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    viewer = start_viewer(workspace)
    assert _eventually(lambda: len(_children(workspace)) == 2)
    children = _children(workspace)
    del viewer
    gc.collect()
    assert _eventually(lambda: all(map(has_ended, children.values())))


@needs_mongod
@pytest.mark.slow
def test_a_database_that_dies_twice_is_a_failure_that_says_so(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    viewer = start_viewer(workspace)
    assert _eventually(lambda: viewer.status.state == "importing")
    first = _children(workspace)["mongod"]
    first.kill()
    assert _eventually(lambda: _children(workspace).get("mongod", first) != first)
    with (workspace.viewer / "mongod" / "start.lock").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)  # the viewer holds it until the new one answers
    _children(workspace)["mongod"].kill()
    assert viewer.wait_until_started(30).state == "failed"
    assert not viewer.status.can_be_replaced
    with pytest.raises(ViewerError, match=r"database stopped twice\. Try again"):
        viewer.frame_url()
    viewer.close()


@needs_mongod
@pytest.mark.slow
def test_beyond_the_limit_a_viewer_says_what_to_do_and_a_killed_one_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_VIEWERS", "1")
    workspace = Workspace(root=tmp_path)
    first, second = start_viewer(workspace), None
    assert _eventually(lambda: first.status.state == "importing")
    second = start_viewer(workspace)
    assert second.wait_until_started(15).state == "failed"
    assert "All 1 image viewers of this workspace are in use. Close another tab" in second.status.message
    assert not second.status.can_be_replaced
    psutil.Process(first.process_id).kill()
    assert first.wait_until_started(15).can_be_replaced
    third = start_viewer(workspace)
    assert _eventually(lambda: third.status.state == "importing")
    for viewer in (first, second, third):
        viewer.close()


def test_without_places_no_viewer_starts_and_the_setting_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_VIEWERS", "0")
    viewer = start_viewer(Workspace(root=tmp_path))
    assert viewer.wait_until_started(15).state == "failed"
    assert "is switched off (COCOMINE_VIEWERS=0). To switch it on, unset COCOMINE_VIEWERS" in viewer.status.message
    viewer.close()


@needs_mongod
@pytest.mark.slow
def test_another_fiftyone_is_told_by_the_name_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "packages" / "fiftyone"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("class DatasetView: ...")
    monkeypatch.setenv("COCOMINE_MONGOD", str(mongod_executable()))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    viewer = start_viewer(Workspace(root=tmp_path / "home"))
    assert viewer.wait_until_started(15).state == "failed"
    assert re.search(
        r"does not fit this FiftyOne: .*fiftyone\..* Run `.*\"fiftyone==1\.22\.\*\"`", viewer.status.message
    )
    viewer.close()


@needs_mongod
@pytest.mark.slow
def test_a_mongodb_of_ones_own_is_used_and_left_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = SharedMongod(tmp_path / "own")
    uri = own.acquire()
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", uri)
    viewer = start_viewer(Workspace(root=tmp_path / "workspace"))
    assert viewer.wait_until_started(60).state == "ready", viewer.status
    assert "mongod" not in _children(Workspace(root=tmp_path / "workspace"))
    viewer.close()
    assert _database_names(uri) <= {"admin", "config", "local"}
    own.release()


def _database_names(uri: str) -> set[str]:
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        return set(client.list_database_names())


@needs_mongod
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["", "slots", "slots/0.lock", "mongod", "mongod/start.lock", "mongod/database", "home"]
)
def test_what_is_wrong_in_the_viewer_s_folder_is_a_sentence_about_it(tmp_path: Path, name: str) -> None:
    workspace = Workspace(root=tmp_path)
    wrong = workspace.viewer / name
    wrong.parent.mkdir(parents=True, exist_ok=True)
    wrong.mkdir() if wrong.suffix == ".lock" else wrong.write_bytes(b"\0 no folder")
    viewer = start_viewer(workspace)
    assert viewer.wait_until_started(30).state == "failed"
    assert f"cannot use {wrong} (" in viewer.status.message
    assert f"Move {workspace.viewer} away, which is a cache, and try again." in viewer.status.message
    viewer.close()


@needs_mongod
@pytest.mark.slow
def test_foreign_files_in_the_viewer_s_folder_are_no_hindrance(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    (workspace.viewer / "viewer.log").mkdir(parents=True)
    for name in ("home/config.json", "home/app_config.json", "places/x", "mongod/x.lock", "mongod/mongod.sock"):
        file = workspace.viewer / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"\0{ no file of ours")
    viewer = start_viewer(workspace)
    assert viewer.wait_until_started(60).state == "ready", viewer.status
    viewer.close()


def test_a_missing_mongod_is_told_by_the_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_MONGOD", str(tmp_path / "nothing"))
    monkeypatch.delenv("FIFTYONE_DATABASE_URI", raising=False)
    viewer = start_viewer(Workspace(root=tmp_path / "workspace"))
    assert viewer.wait_until_started(15).state == "failed"
    with pytest.raises(ViewerError, match=r"needs MongoDB, .* Everything else works; the built-in gallery is shown\."):
        viewer.show([], colours={}, image_folders=[])
    viewer.close()


def test_a_viewer_that_is_starting_or_closed_says_so(tmp_path: Path) -> None:
    viewer = start_viewer(Workspace(root=tmp_path))
    with pytest.raises(ViewerError, match="is still starting"):
        viewer.frame_url()
    viewer.close()
    viewer.close()
    with pytest.raises(ViewerError, match="is closed"):
        tagged_in(viewer)


@needs_mongod
@pytest.mark.slow
def test_a_name_that_is_no_text_is_refused(scene: Scene) -> None:
    odd = replace(scene.samples[0], objects=(_object(class_name="\ud800"),))
    with pytest.raises(ViewerError, match="cannot take these images"):
        scene.viewer.show([odd], colours=COLOURS, image_folders=[scene.images])


def test_the_client_imports_nothing_heavy() -> None:
    script = "import sys, cocomine.viewer.client; print({'fiftyone', 'torch', 'streamlit', 'numpy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=dict(os.environ))
    assert answer.stdout.strip() == b"set()"


def test_polygons_cover_in_their_box_what_pycocotools_says_for_the_image() -> None:
    polygons = [[10.0, 10.0, 40.0, 12.0, 33.0, 30.0, 15.0, 25.0], [20.0, 5.0, 30.0, 5.0, 25.0, 20.0]]
    whole = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, 48, 64)))
    mask = mask_in_box(polygons, (10.0, 5.0, 30.0, 25.0), native=Size(48, 64))
    np.testing.assert_array_equal(mask, whole[5:30, 10:40])


def test_both_kinds_of_rle_cover_what_pycocotools_says() -> None:
    rng = np.random.default_rng(0)
    whole = np.asfortranarray(rng.random((48, 64)) > 0.6, dtype=np.uint8)
    whole[:, 20:50] = 1
    compressed = coco_mask.encode(whole)
    text = {"size": [48, 64], "counts": compressed["counts"].decode()}
    runs = {"size": [48, 64], "counts": _run_lengths(whole)}
    for rle in (compressed, text, runs):
        mask = mask_in_box(rle, (3.0, 7.0, 50.0, 30.0), native=Size(48, 64))
        np.testing.assert_array_equal(mask, whole[7:37, 3:53])


def _run_lengths(mask: Any) -> list[int]:
    runs = [(value, len(list(run))) for value, run in groupby(mask.ravel(order="F").tolist())]
    return [length for _, length in ([(0, 0)] if runs[0][0] else []) + runs]


@pytest.mark.parametrize(
    "segmentation",
    [
        None,
        [],
        [[]],
        [[1.0, 1.0, 5.0, 5.0]],
        [[1.0, 1.0, 5.0, float("nan"), 5.0, 5.0]],
        [[1.0, 1.0, 1e12, 1.0, 5.0, 5.0]],
        {"size": [48, 64], "counts": [5]},
        {"size": [48, 64], "counts": "zzz"},
        {"size": [48, 64], "counts": b"\xff\x00"},
        {"size": [9, 9], "counts": [81]},
        {"size": [48, 64]},
        {},
    ],
)
def test_a_segmentation_that_cannot_be_drawn_gives_no_mask(segmentation: Any) -> None:
    assert mask_in_box(segmentation, (1.0, 1.0, 10.0, 10.0), native=Size(48, 64)) is None


def test_a_box_is_clipped_to_its_image() -> None:
    assert clipped_box((-5.0, 40.0, 20.0, 20.0), Size(48, 64)) == (0.0, 40.0, 15.0, 8.0)
    assert clipped_box((70.0, 0.0, 5.0, 5.0), Size(48, 64)) is None
    assert clipped_box((1.0, 1.0, 0.0, 5.0), Size(48, 64)) is None
    assert clipped_box((1.0, 1.0, float("nan"), 5.0), Size(48, 64)) is None


@needs_mongod
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium here")
def test_a_person_sees_the_images_in_a_frame_and_tags_one(scene: Scene) -> None:
    from playwright.sync_api import sync_playwright

    scene.show(1, 2, 3)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright, _page_around(scene.viewer) as address:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 1200, "height": 850})
        page.goto(address)
        frame = page.frame_locator("iframe")
        images = frame.locator('[data-cy="looker"]')
        images.nth(2).wait_for(timeout=60_000)
        picture = f"{urljoin(scene.viewer.frame_url(), '/media')}?filepath={quote(str(scene.images / '1.png'))}"
        assert not page.evaluate(DRAWN_ELSEWHERE, picture), "a page of another program could draw the picture"
        scene.show(2, 4)
        frame.get_by_text("2 samples").wait_for(timeout=20_000)
        images.first.click(position={"x": 14, "y": 14})
        frame.locator('[data-cy="action-tag-sample-labels"]').click()
        tag = frame.get_by_placeholder("+ tag selected sample")
        tag.fill("exclude")
        tag.press("Enter")
        frame.get_by_text("Apply").first.click()
        assert _eventually(lambda: tagged_in(scene.viewer) == {("val", 2)})
        browser.close()


@contextmanager
def _page_around(viewer: Viewer) -> Iterator[str]:
    """Serve a page on another port that holds the viewer's frame, as Streamlit does."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{viewer.frame_url()}" width="1168" height="800"></iframe>'.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
