"""The lines that `datasets` reads keep names as people write them."""

import pytest
from datasets import MakeDataset, recipe_of
from records import annotation, category, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.document_checks import _is_metadata
from cocomine.exporting.formats.hugging_face import hf_readme, metadata_lines
from cocomine.exporting.planning.plan import plan_export
from cocomine.labels.table import label_table
from cocomine.mining.selection.selection import Selection, select


def test_names_beyond_ascii_can_be_read_in_the_file(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, 1)], [category(1, "Käse 🧀")])
    selection = Selection(classes=("Käse 🧀",))
    (part,) = select(dataset, selection).parts
    (line,) = metadata_lines(part, label_table(dataset, selection))
    assert '"category_name": ["Käse 🧀"]' in line


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"id": [101, 102]', '"id": [101, 103]'),
        ('"category": [0, 1]', '"category": [1, 0]'),
        ('"image_id": 7', '"image_id": 8'),
        ('"file_name": "a.jpg"', '"file_name": "b.jpg"'),
    ],
)
def test_a_line_that_is_not_as_planned_is_found(four_images: Dataset, before: str, after: str) -> None:
    plan = plan_export(four_images, recipe_of(four_images, roles=(("all2017", SplitRole.TRAIN),)))
    (part,) = plan.parts
    text = "".join(metadata_lines(part, plan.table))
    assert before in text
    assert _is_metadata(text, plan=plan, part=part)
    assert not _is_metadata(text.replace(before, after), plan=plan, part=part)


def test_the_card_names_folders_beyond_ascii_as_they_are(four_images: Dataset) -> None:
    plan = plan_export(four_images, recipe_of(four_images))
    assert "path: Käse/**" in hf_readme({"Käse": 3}, plan.table)


def test_the_card_numbers_the_classes_as_the_lines_do(four_images: Dataset) -> None:
    plan = plan_export(four_images, recipe_of(four_images))
    assert "| 0 | cat |\n| 1 | cup |" in hf_readme({"train": 3}, plan.table)
