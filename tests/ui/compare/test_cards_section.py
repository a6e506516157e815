"""Published numbers on the Compare page: none stands solid beside a run that differs."""

from pathlib import Path

import yaml
from apps import OpenApp, read
from run_folders import INFO, write_run

from cocomine.claim.cards import WITHOUT_BACKGROUND


def own_card(**changes: object) -> str:
    """A card with the conditions of the run of `run_folders`, with other values as in `changes`."""
    same = {
        "result": "a twin of the run",
        "value": 41.5,
        "data": "mine",
        "split": INFO.val_split,
        "images": INFO.val_image_count,
        "classes": ["cat"],
        "measure": WITHOUT_BACKGROUND,
        "input": f"{INFO.size_px} px",
        "source": "a page",
    }
    return yaml.safe_dump(same | changes)


def test_a_card_is_solid_only_where_every_condition_is_the_runs_own(open_app: OpenApp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_run(home / "runs" / "mine-1", dataset="mine")
    (home / "cards").mkdir()
    (home / "cards" / "same.yaml").write_text(own_card())
    (home / "cards" / "other.yaml").write_text(own_card(result="another size", input="512 px"))
    (home / "cards" / "damaged.yaml").write_text("result: [")
    text = read(open_app("compare")).replace("\\", "")
    assert text.count("The same in every condition") == 1
    assert "512 px, not 32 px" in text
    assert "damaged.yaml: the card cannot be read" in text


def test_without_a_run_no_card_stands_beside_anything(open_app: OpenApp) -> None:
    assert "The cards appear here beside your first evaluated run." in read(open_app("compare"))
