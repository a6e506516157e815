"""How many foreground pixels of a subset are disputed: by hand, and with samples that are always the same."""

from pathlib import Path

import pytest
from datasets import MakeDataset
from records import CAT, CUP, DOG, annotation, crowd, document, image, write_split

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.labels import conflict as conflict_module
from cocomine.labels.conflict import Conflict, conflict_sentence, subset_conflict
from cocomine.mining.selection.selection import Mode, Others, Selection, Subset, select


def nobody(done: int, total: int) -> None:
    del done, total


def conflict_of(subset: Subset, *, most_images: int = 100) -> Conflict:
    return subset_conflict(subset, nobody, most_images=most_images, size_px=None)


def test_disputed_pixels_are_counted_among_the_foreground(four_images: Dataset) -> None:
    conflict = conflict_of(select(four_images, Selection(classes=("cat", "cup"))))
    assert conflict == Conflict(share=4 / (24 + 25 + 25 + 25), image_count=3, of_image_count=3)


@pytest.mark.parametrize("others", list(Others))
def test_classes_that_are_not_picked_dispute_nothing(four_images: Dataset, others: Others) -> None:
    conflict = conflict_of(select(four_images, Selection(classes=("cat", "dog"), others=others)))
    assert conflict == Conflict(share=0.0, image_count=2, of_image_count=2)


def test_an_empty_subset_has_no_share(four_images: Dataset) -> None:
    assert conflict_of(select(four_images, Selection())) == Conflict(share=None, image_count=0, of_image_count=0)
    nowhere = select(four_images, Selection(classes=("cat", "dog", "cup"), mode=Mode.ALL))
    assert conflict_of(nowhere).share is None


def test_crowd_regions_claim_nothing(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, (10, 0, 8, 10)), crowd(2, 1, DOG)])
    assert conflict_of(select(dataset, Selection(classes=("cat", "dog")))).share == 0
    assert conflict_of(select(dataset, Selection(classes=("dog",)))).share is None


def test_a_pixel_of_three_classes_counts_once(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(each, 1, each, (2, 2, 4, 4)) for each in (CAT, DOG, CUP)])
    assert conflict_of(select(dataset, Selection(classes=("cat", "dog", "cup")))).share == 1


def test_a_large_subset_is_judged_by_a_sample_that_is_always_the_same(make_dataset: MakeDataset) -> None:
    images = [image(number) for number in range(1, 31)]
    records = [annotation(number, number, CAT, (2, 2, 4, 4)) for number in range(1, 31)]
    records += [annotation(100 + number, number, DOG, (4, 2, 4, 4)) for number in range(1, 31, 2)]
    subset = select(make_dataset(images, records, pictures=False), Selection(classes=("cat", "dog")))
    first = conflict_of(subset, most_images=10)
    assert (first.image_count, first.of_image_count) == (10, 30)
    assert first == conflict_of(subset, most_images=10)
    assert first.share is not None
    assert 0 < first.share < 8 / 24
    assert conflict_of(subset, most_images=30).share == pytest.approx(15 * 8 / (15 * 24 + 15 * 16))


def test_a_sample_is_of_the_images_of_all_splits(tmp_path: Path) -> None:
    for split, first in (("train2017", 1), ("val2017", 21)):  # a dog without a cat in every other image
        ids = range(first, first + 20)
        records = [annotation(number, number, CAT, (2, 2, 4, 4)) for number in ids if number % 2]
        records += [annotation(100 + number, number, DOG, (4, 2, 4, 4)) for number in ids]
        write_split(tmp_path, document([image(number) for number in ids], records), split=split, pictures=False)
    subset = select(open_dataset(tmp_path), Selection(classes=("cat", "dog"), mode=Mode.ALL))
    assert conflict_of(subset, most_images=19) == Conflict(share=8 / 24, image_count=19, of_image_count=20)


def test_the_report_reaches_the_number_of_images(four_images: Dataset) -> None:
    reports: list[tuple[int, int]] = []
    subset = select(four_images, Selection(classes=("cat", "cup")))
    subset_conflict(subset, lambda done, total: reports.append((done, total)), most_images=2)
    assert reports == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("conflict", "said"),
    [
        (Conflict(share=0.01234, image_count=3, of_image_count=3), "Mask overlap between your classes: 1.2 %."),
        (Conflict(share=0.0, image_count=3, of_image_count=3), "Mask overlap between your classes: 0 %."),
        (
            Conflict(share=None, image_count=3, of_image_count=3),
            "Mask overlap between your classes: not known, their objects have no masks.",
        ),
        (
            Conflict(share=0.5, image_count=400, of_image_count=16000),
            "Mask overlap between your classes: 50 %. Estimated from a random sample of 400 of 16,000 images.",
        ),
    ],
)
def test_a_conflict_is_told_with_the_images_it_is_told_of(conflict: Conflict, said: str) -> None:
    assert conflict_sentence(conflict) == said


def test_a_sample_is_of_images_of_the_subset_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"train2017": 4, "val2017": 5}
    for name, size in sizes.items():
        images = [image(number) for number in range(1, size + 1)]
        records = [annotation(number, number, CAT) for number in range(1, size + 1)]
        write_split(tmp_path, document(images, records), split=name, pictures=False)
    looked_at: list[tuple[str, int]] = []

    def looked(split: Split, images: Ints, *_: object, **__: object) -> tuple[()]:
        looked_at.extend((split.name, int(each)) for each in images)
        return ()

    monkeypatch.setattr(conflict_module, "masks_by_class", looked)
    subset = select(open_dataset(tmp_path), Selection(classes=("cat",)))
    conflict_of(subset, most_images=8)
    everyone = [(name, at) for name, size in sizes.items() for at in range(size)]
    assert len(looked_at) == 8
    assert looked_at == [each for each in everyone if each in looked_at]
