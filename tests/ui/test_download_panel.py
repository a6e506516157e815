"""Where images are missing, every page that needs them offers to download them, and says what became of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import local_download
import pytest
from apps import OpenApp, read
from bad_server import BadServer, bad_server, status
from datasets import export_of
from download_bench import jpeg
from records import FOUR_IMAGES, HEIGHT, WIDTH, document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.mining.selection.selection import Selection
from cocomine.ui.downloads import panel, place

pytestmark = pytest.mark.slow
COCO = "http://images.cocodataset.org/val2017"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    """Has the four images; downloads of the app may reach it once the person allows that."""
    monkeypatch.setenv("PYTHONPATH", str(Path(local_download.__file__).parent))
    monkeypatch.setattr(panel, "WORK", local_download.__name__)
    monkeypatch.setattr(panel, "QUICK_S", 60)
    with bad_server() as server:
        for number, record in enumerate(FOUR_IMAGES):
            server.files[f"/{record['file_name']}"] = jpeg(number, Size(height=HEIGHT, width=WIDTH))
        yield server


@pytest.fixture
def data(server: BadServer, tmp_path: Path) -> Path:
    """The annotations of the four images, without the images."""
    images = [record | {"coco_url": server.url(f"/{record['file_name']}")} for record in FOUR_IMAGES]
    write_split(tmp_path / "data", document(images), pictures=False)
    return tmp_path / "data"


def offers(app: AppTest) -> list[str]:
    """What is offered to be downloaded: images, not COCO's annotations."""
    return [label for label in labels(app) if re.fullmatch(r"Download .* images?", label)]


def labels(app: AppTest) -> list[str]:
    assert not app.exception
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def allow(app: AppTest, server: BadServer, key: str = "download") -> AppTest:
    app.text_input(key=f"{key}-host-{server.authority}").set_value(server.authority).run()
    return app.checkbox(key=f"{key}-http-{server.authority}").check().run()


def there(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "all2017").glob("*"))


@pytest.mark.parametrize(("page", "count"), [("data", 4), ("check", 2), ("export", 2)])
def test_missing_images_come_once_their_host_is_allowed(
    open_app: OpenApp, data: Path, server: BadServer, page: str, count: int
) -> None:
    app = open_app(page, data=str(data), classes="" if page == "data" else "cat")
    button = next(each for each in app.button if each.label == "Download 0 images")
    assert button.disabled
    assert f"{count} images from hosts that are none of COCO's." in read(app)
    assert not server.requests
    press(allow(app, server), f"Download {count} images")
    assert len(there(data)) == count
    assert f"{count} of 4 images found" in read(app) or count == 4
    assert not offers(app)  # the others are not needed


def test_only_the_selected_images_come_or_all_as_the_person_chooses(
    open_app: OpenApp, data: Path, server: BadServer
) -> None:
    app = allow(open_app("check", data=str(data), classes="cup"), server)
    assert "Download 2 images" in labels(app)
    app.segmented_control(key="download-scope").set_value("all").run()
    press(app, "Download 4 images")
    assert there(data) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


@pytest.mark.parametrize("page", ["data", "check", "export"])
def test_every_page_means_the_selection(open_app: OpenApp, data: Path, page: str) -> None:
    assert "**2 images missing**" in read(open_app(page, data=str(data), classes="cup"))


def test_train_offers_the_images_that_an_export_lacks(open_app: OpenApp, data: Path, tmp_path: Path) -> None:
    export_of(open_dataset(data), tmp_path / "home" / "exports" / "bare", Selection(classes=("cat",)), images="none")
    app = open_app("train", data=str(data), classes="cat")
    assert "**2 images missing**" in read(app)
    assert offers(app) == ["Download 0 images"]  # of a host that is not allowed yet


def test_cocos_host_needs_no_permission(open_app: OpenApp, tmp_path: Path) -> None:
    images = [record | {"coco_url": f"{COCO}/{record['file_name']}"} for record in FOUR_IMAGES]
    write_split(tmp_path / "data", document(images), pictures=False)
    app = open_app(data=str(tmp_path / "data"))
    assert "Download 4 images" in labels(app)
    assert "none of COCO's" not in read(app)
    assert "**4 images missing** · about 400 bytes · " in read(app)
    assert f"`{tmp_path / 'data' / 'all2017'}`" in read(app)


def test_another_name_than_the_hosts_allows_nothing(open_app: OpenApp, data: Path, server: BadServer) -> None:
    app = open_app(data=str(data))
    app.text_input(key=f"download-host-{server.authority}").set_value("yes").run()
    assert f"That is not {server.authority.replace(':', chr(92) + ':')}." in read(app)
    assert "Download 0 images" in labels(app)


def test_what_did_not_come_is_listed_and_continue_fetches_it(open_app: OpenApp, data: Path, server: BadServer) -> None:
    server.faults["/b.jpg"] = [status(404)]
    app = press(allow(open_app(data=str(data)), server), "Download 4 images")
    assert "3 images downloaded" in read(app)
    assert "1 did not come" in read(app)
    (row,) = _listed(app)
    assert row == {"image": "b.jpg", "reason": f"{server.authority} answers 404 Not Found"}
    assert not offers(app)
    press(app, "Continue")
    assert there(data) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert "did not come" not in read(app)
    assert len(server.requests) == 5


def test_an_outcome_that_is_dismissed_makes_room_for_another_download(
    open_app: OpenApp, data: Path, server: BadServer
) -> None:
    server.faults["/b.jpg"] = [status(404)]
    app = press(allow(open_app(data=str(data)), server), "Download 4 images")
    press(app, "Dismiss")
    assert "Download 1 image" in labels(app)
    assert "Continue" not in labels(app)


def _listed(app: AppTest) -> list[dict[str, str]]:
    tables = [each.value for each in app.dataframe if "reason" in each.value.columns]
    assert len(tables) == 1
    rows: list[dict[str, str]] = tables[0].to_dict("records")
    return rows


def test_a_host_that_only_speaks_without_encryption_can_be_allowed_afterwards(
    open_app: OpenApp, data: Path, server: BadServer
) -> None:
    app = open_app(data=str(data))
    app.text_input(key=f"download-host-{server.authority}").set_value(server.authority).run()
    press(app, "Download 4 images")
    assert "0 images downloaded (0 bytes), 4 did not come" in read(app).replace("\\", "")
    press(allow(app, server, "download-again"), "Continue")
    assert len(there(data)) == 4


def test_images_without_an_address_are_told(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document(), pictures=False)
    app = open_app(data=str(tmp_path / "data"))
    assert "4 images cannot be downloaded: the dataset does not say where on the web it is" in read(app)
    assert "Download 0 images" in labels(app)


def test_where_all_images_are_there_nothing_is_offered(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document())
    assert not offers(open_app(data=str(tmp_path / "data")))


def test_images_of_a_dataset_that_cannot_be_written_are_saved_elsewhere(
    open_app: OpenApp, data: Path, server: BadServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "_can_be_written", lambda folder: not folder.is_relative_to(data))
    app = allow(open_app(data=str(data)), server)
    assert "cannot be written. Save the images elsewhere." in read(app)
    assert next(button for button in app.button if button.label == "Download 4 images").disabled
    app.session_state[place.ROOT] = {data: tmp_path / "elsewhere"}
    press(app.run(), "Download 4 images")
    names = sorted(record["file_name"] for record in FOUR_IMAGES)
    assert sorted(path.name for path in (tmp_path / "elsewhere" / "all2017").iterdir()) == names
    assert offers(app.run()) == []
    assert not (data / "all2017").exists()
