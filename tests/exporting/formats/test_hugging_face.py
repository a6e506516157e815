"""The lines that `datasets` reads keep names as people write them."""

from datasets import MakeDataset
from records import annotation, category, image

from cocomine.exporting.formats.hugging_face import metadata_lines
from cocomine.labels.table import label_table
from cocomine.mining.selection.selection import Selection, select


def test_names_beyond_ascii_can_be_read_in_the_file(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, 1)], [category(1, "Käse 🧀")])
    selection = Selection(classes=("Käse 🧀",))
    (part,) = select(dataset, selection).parts
    (line,) = metadata_lines(part, label_table(dataset, selection))
    assert '"category_name": ["Käse 🧀"]' in line
