"""Published numbers on the Compare page: none stands solid beside a run that differs."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from apps import OpenApp, on_compare, read
from run_folders import INFO, write_run
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

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


@dataclass(frozen=True)
class Box:
    """A card as it is drawn: solid or hatched, by the key that the style sheet goes by."""

    kind: str
    words: str


def boxes(app: AppTest) -> list[Box]:
    found = []
    waiting = [app.main]
    while waiting:
        block = waiting.pop()
        waiting += [child for child in block.children.values() if isinstance(child, Block)]
        kind = re.search(r"-(solid|hatched)-card-\d+$", getattr(block.proto, "id", ""))
        if kind is not None:
            found.append(Box(kind[1], "\n".join(str(each.value) for each in [*block.markdown, *block.caption])))
    return found


def uploaded(app: AppTest, name: str, text: str) -> AppTest:
    app.file_uploader(key="cards-file").upload(name, text.encode(), "application/yaml").run()
    return app.button(key="cards-add").click().run()


def test_a_card_is_solid_only_where_every_condition_is_the_runs_own(open_app: OpenApp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_run(home / "runs" / "mine-1", dataset="mine")
    (home / "cards").mkdir()
    (home / "cards" / "same.yaml").write_text(own_card())
    (home / "cards" / "other.yaml").write_text(own_card(result="another size", input="512 px"))
    (home / "cards" / "damaged.yaml").write_text("result: [")
    app = on_compare(open_app, "Published results")
    text = read(app).replace("\\", "")
    assert text.count("The same in every condition") == 1
    assert "512 px, not 32 px" in text
    assert "damaged.yaml: the card cannot be read" in text
    table_one = [box for box in boxes(app) if re.search(r"\*\*(37\.1|50\.0|89\.6) %\*\*", box.words)]
    assert len(table_one) == 3
    assert {box.kind for box in table_one} == {"hatched"}
    assert [box.words.count("41.5") for box in boxes(app) if box.kind == "solid"] == [1]


def test_a_card_of_ones_own_is_added_by_its_file_and_each_wrong_key_is_told(open_app: OpenApp, tmp_path: Path) -> None:
    app = on_compare(open_app, "Published results")
    app = uploaded(app, "my card.yaml", own_card(value="high", images=0))
    told = read(app).replace("\\", "")
    assert (
        "my card.yaml: the key “images” is wrong: Expected `int` >= 1; the key “value” is wrong: Expected `float`"
        in told
    )
    assert not list((tmp_path / "home").glob("cards/*"))
    app = uploaded(app, "my card.yaml", own_card())
    assert "41.5 %, a twin of the run: is among the cards now." in read(app).replace("\\", "")
    assert (tmp_path / "home" / "cards" / "my-card.yaml").read_text() == own_card()
    app = uploaded(app, "my card.yaml", own_card(value=1.0))
    assert "a card of this name is there already" in read(app).replace("\\", "")
    assert (tmp_path / "home" / "cards" / "my-card.yaml").read_text() == own_card()


def test_without_a_run_every_card_is_hatched_and_says_how_it_was_measured(open_app: OpenApp) -> None:
    app = on_compare(open_app, "Published results")
    text = read(app).replace("\\", "")
    assert "What differs is said here beside your first evaluated run." in text
    assert {box.kind for box in boxes(app)} == {"hatched"}
    assert "measure: mean probability of the true class (Eq. 2)" in text
    assert "split: val2017 · images: 5,000 · classes: all 80 classes of COCO" in text
    assert "an empty prediction already scores 78 to 85 by this measure" in text
    for value in ("37.1", "50.0", "89.6"):
        assert f"**{value} %**" in text
