"""The whole journey in Chromium, as a person would click it, and without a browser on the command line."""

import json
import re
import shutil
from pathlib import Path

import pytest
from browsing import (
    EXPORT,
    at_rest,
    click_cell,
    curve_length,
    go_to,
    running_app,
    see_number,
    see_selected,
    settle,
    watched,
)
from playwright.sync_api import Page, expect
from pycocotools.coco import COCO

from cocomine.cli.parser import main
from cocomine.mining.selection.recipe import recipe_from_text

TRAINED_STEPS = "60"
"""So many that the page, which looks every two seconds, sees the run before its end."""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_person_can_walk_the_whole_journey_on_the_demo(page: Page, tmp_path: Path, demo_folder: Path) -> None:
    shutil.copytree(demo_folder, tmp_path / "demo")
    with running_app(tmp_path, COCOMINE_VIEWERS="1") as address:
        errors = watched(page)
        page.goto(address)
        page.get_by_role("button", name="Try the demo").click()
        see_number(page, "Images", "320")

        go_to(page, "Understand")
        click_cell(page, "cup", "cake")
        expect(page.get_by_role("strong").filter(has_text="cup and cake: ")).to_have_text(
            re.compile(r"\d+ images, .* expected, lift .*$")
        )
        see_pictures(page)
        page.get_by_role("button", name="Close").click()

        go_to(page, "Choose")
        want(page, "fish")
        want(page, "boat")
        expect(page.get_by_text("Any of: fish, boat")).to_be_visible()

        see_images_in_fiftyone(page)
        before = images_in_strip(page)
        take_two_images_out(page)
        assert images_in_strip(page) == before - 2
        folder = export(page)
        written = json.loads((folder / "manifest.json").read_bytes())["splits"]
        assert [each["split"] for each in written] == ["train2017", "val2017"]
        assert sum(each["image_count"] for each in written) == before - 2
        assert len(excluded_in(folder)) == 2
        see_the_curve_grow(page)

        go_to(page, "Compare")
        page.get_by_role("tab", name="Runs").click()
        expect(page.get_by_text("This selection (1 run of 1)")).to_be_visible()
        assert not errors, "\n".join(errors)


@pytest.mark.browser
@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_person_can_mine_giraffe_and_bus_out_of_real_coco(page: Page, tmp_path: Path, coco_folder: Path) -> None:
    with running_app(tmp_path, COCOMINE_VIEWERS="1") as address:
        errors = watched(page)
        page.goto(address)
        page.get_by_role("textbox", name="Folder or annotation file").fill(str(coco_folder))
        page.get_by_role("button", name="Open", exact=True).click()
        see_number(page, "Images", "480")

        go_to(page, "Understand")
        click_cell(page, "mouse", "keyboard")
        expect(page.get_by_role("strong").filter(has_text="mouse and keyboard: 11 images")).to_be_visible()
        see_pictures(page)
        page.get_by_role("button", name="Close").click()

        go_to(page, "Choose")
        want(page, "giraffe")
        want(page, "bus")
        expect(page.get_by_text("24 images · 42 objects")).to_be_visible()

        see_images_in_fiftyone(page)
        take_two_images_out(page)
        expect(page.get_by_text("22 images · 38 objects")).to_be_visible()
        folder = export(page)
        assert len(excluded_in(folder)) == 2
        assert_exact_subset(folder, coco_folder, ["giraffe", "bus"])
        assert not errors, "\n".join(errors)

    shutil.rmtree(tmp_path / "viewer")  # all that FiftyOne knows
    with running_app(tmp_path, COCOMINE_VIEWERS="1") as address:
        page.goto(f"{address}/?data={coco_folder}&classes=giraffe,bus")
        expect(page.get_by_text("22 images · 38 objects")).to_be_visible()
        see_images_in_fiftyone(page)
        expect(page.get_by_text("Excluded images: 2")).to_be_visible()
        page.get_by_role("button", name="Restore all").click()
        expect(page.get_by_text("24 images · 42 objects")).to_be_visible()
        assert_exact_subset(export(page), coco_folder, ["giraffe", "bus"])


@pytest.mark.browser
@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_pair_and_a_suggestion_are_taken_undone_and_found_again_after_a_reload(
    page: Page, tmp_path: Path, coco_folder: Path
) -> None:
    with running_app(tmp_path) as address:
        errors = watched(page)
        page.goto(f"{address}/understand?data={coco_folder}")
        settle(page)
        click_cell(page, "fork", "knife")
        expect(page.get_by_role("dialog").get_by_role("strong").filter(has_text="fork and knife: ")).to_be_visible()
        page.get_by_role("button", name="Include both").click()
        expect(page.get_by_text("Any of: fork, knife")).to_be_visible()

        other = page.context.new_page()  # another tab, with a choice of its own
        other.set_default_timeout(60_000)
        other.goto(f"{address}/choose?data={coco_folder}&classes=bus")
        want(other, "giraffe")
        expect(other.get_by_text("Any of: bus, giraffe")).to_be_visible()

        go_to(page, "Choose")
        expect(page.get_by_text("Any of: fork, knife")).to_be_visible()
        page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.get_by_text("No classes selected").first).to_be_visible()
        page.get_by_role("button", name="Redo", exact=True).click()
        want(page, "spoon")
        expect(page.get_by_text("Any of: fork, knife, spoon")).to_be_visible()
        settle(page)  # a suggestion still drawn for the classes before is no button any more
        forbidden = page.locator(".stMarkdownBadge").filter(has_text="Excluded: ")
        page.get_by_role("button", name="Exclude", exact=True).first.click()
        expect(forbidden).to_be_visible()
        page.get_by_role("button", name="Undo", exact=True).click()
        expect(forbidden).to_have_count(0)
        page.get_by_role("button", name="Redo", exact=True).click()
        expect(forbidden).to_be_visible()
        settle(page)
        strip = page.get_by_test_id("stMain").locator(".st-key-selection-strip")
        taken = strip.inner_text()
        page.reload()
        expect(forbidden).to_be_visible()
        expect(strip).to_have_text(taken, use_inner_text=True)
        expect(other.get_by_text("Any of: bus, giraffe")).to_be_visible()
        assert errors == []


@pytest.mark.real
@pytest.mark.slow
def test_the_command_line_does_the_same_journey(
    tmp_path: Path, coco_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    exported, run = tmp_path / "export", tmp_path / "run"

    assert main(["check", str(coco_folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image_count"] == 480
    assert main(["stats", str(coco_folder)]) == 0
    assert main(["pairs", str(coco_folder)]) == 0
    assert main(["mine", str(coco_folder), "--classes", "giraffe,bus", "--out", str(exported)]) == 0
    assert_exact_subset(exported, coco_folder, ["giraffe", "bus"])
    capsys.readouterr()
    settings = ["--steps", "2", "--weights", "none", "--encoder", "small"]
    assert main(["train", str(exported), *settings, "--run", str(run), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["state"], result["step"]) == ("done", 2)
    assert result["final"]["last"]["background_baseline"]["mean_iou"] == 0


def want(page: Page, name: str) -> None:
    """Click the card of a class on Choose."""
    page.get_by_role("checkbox", name=re.compile(f"^{name}, ")).click()
    settle(page)


def see_pictures(page: Page) -> None:
    """Wait until the dialog of a pair shows its pictures, as a person would before going on."""
    expect(page.get_by_role("dialog").locator(".tile svg").first).to_be_visible()
    settle(page)


def see_images_in_fiftyone(page: Page) -> None:
    """Open Check, ask for FiftyOne and wait until its App shows images."""
    go_to(page, "Check")
    settle(page)
    page.get_by_role("radio", name="FiftyOne").click()
    app = page.frame_locator('[data-testid="stIFrame"]')
    expect(app.locator('[data-cy="looker"]').nth(3)).to_be_visible(timeout=120_000)


def images_in_strip(page: Page) -> int:
    """Read how many images the subset has."""
    told = page.locator(".st-key-selection-strip").inner_text()
    found = re.search(r"([\d,]+) images", told)
    assert found is not None, told
    return int(found[1].replace(",", ""))


def excluded_in(folder: Path) -> set[tuple[str, int]]:
    """Read which images the recipe of an export leaves out."""
    return set(recipe_from_text((folder / "recipe.yaml").read_text(encoding="utf-8")).excluded)


def take_two_images_out(page: Page) -> None:
    """Tag the first two images in the FiftyOne App, as a person does, and wait until the strip says so."""
    app = page.frame_locator('[data-testid="stIFrame"]')
    at_rest(app.locator('[data-cy="looker"]').nth(1))  # the App lays its images out anew once their masks are there
    for index in range(2):
        app.locator('[data-cy="looker"]').nth(index).click(position={"x": 14, "y": 14})
    see_selected(app, 2)
    app.locator('[data-cy="action-tag-sample-labels"]').click()
    tag = app.get_by_placeholder("+ tag").first
    tag.fill("exclude")
    tag.press("Enter")
    app.get_by_text("Apply").first.click()
    expect(page.get_by_text("2 images excluded")).to_be_visible()


def export(page: Page) -> Path:
    """Export with the settings as they are; return the folder."""
    go_to(page, "Export")
    page.get_by_role("button", name=EXPORT).click()
    expect(page.get_by_text(re.compile("files verified"))).to_be_visible(timeout=120_000)
    return Path(page.get_by_test_id("stCode").first.inner_text().strip())


def see_the_curve_grow(page: Page) -> None:
    """Train a few steps from random weights and see the loss curve get longer until the run is done."""
    go_to(page, "Train")
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Steps", exact=True).fill(TRAINED_STEPS)
    page.get_by_label("Steps", exact=True).press("Enter")
    settle(page)
    page.get_by_role("button", name="Start training").click()
    seen: set[int] = set()
    done = page.locator(".stMarkdownBadge").filter(has_text="Done")
    for _ in range(1200):
        seen.add(curve_length(page, "loss"))
        if done.is_visible():
            break
        page.wait_for_timeout(500)  # the page looks every two seconds
    expect(done).to_be_visible()
    assert len(seen - {0}) > 1, f"the loss curve was never seen growing, only at {seen} points"
    expect(page.get_by_text("IoU per class")).to_be_visible()


def assert_exact_subset(folder: Path, source: Path, classes: list[str]) -> None:
    """Compare an export with what pycocotools says of its source, but for what its recipe leaves out."""
    for split in ("train2017", "val2017"):
        whole = COCO(source / "annotations" / f"instances_{split}.json")
        part = COCO(folder / "annotations" / f"instances_{split}.json")
        category_ids = whole.getCatIds(catNms=classes)
        image_ids = {image_id for category_id in category_ids for image_id in whole.getImgIds(catIds=[category_id])}
        image_ids -= {image_id for name, image_id in excluded_in(folder) if name == split}
        assert set(part.imgs) == image_ids
        assert part.imgs == {image_id: whole.imgs[image_id] for image_id in image_ids}
        annotation_ids = whole.getAnnIds(imgIds=sorted(image_ids), catIds=category_ids)
        assert part.anns == {annotation_id: whole.anns[annotation_id] for annotation_id in annotation_ids}
        assert len(list((folder / "labels" / split).glob("*.png"))) == len(image_ids)
        assert {path.name for path in (folder / "images" / split).iterdir()} == {
            image["file_name"] for image in part.imgs.values()
        }
