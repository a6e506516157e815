"""What an export holds is counted as it can be counted by hand, and what will go wrong is named with what mends it."""

from pathlib import Path

import pytest
from records import CAT, CUP, annotation, document, image
from split_exports import WITHOUT_CUPS, exported

from cocomine.coco.size import Size
from cocomine.errors import CocomineError
from cocomine.exporting.layout import LABELS
from cocomine.exporting.reading import ExportEntry, read_entry
from cocomine.system import extras
from cocomine.training.runs import fingerprint as fingerprints
from cocomine.training.runs.fingerprint import ClassCounts, Fingerprint, class_counts, fingerprint
from cocomine.training.runs.flaws import Flaw, Remedy, flaws_of


def counted(entry: ExportEntry) -> Fingerprint:
    return fingerprint(entry, lambda *_: None)


def test_images_and_objects_of_each_class_by_use(tmp_path: Path) -> None:
    cats = ClassCounts(name="cat", train_images=2, train_objects=2, val_images=2, val_objects=2)
    cups = ClassCounts(name="cup", train_images=2, train_objects=3, val_images=0, val_objects=0)
    entry = read_entry(exported(tmp_path, val=WITHOUT_CUPS))
    assert class_counts(entry) == [cats, cups]
    for split in entry.manifest["splits"]:  # a manifest that names in each split only what is in it
        for what in ("image_counts", "instance_counts"):
            split[what] = {name: count for name, count in split[what].items() if count}
    assert class_counts(entry) == [cats, cups]


def test_shares_are_those_of_the_training_masks(tmp_path: Path) -> None:
    """A cat over half of one image, a cup over a quarter of the other; validation masks do not count."""
    images = [image(1), image(2)]
    train = document(images, [annotation(1, 1, CAT, (0, 0, 10, 10)), annotation(2, 2, CUP, (0, 0, 20, 2.5))])
    val = document(images, [annotation(1, 1, CAT, (0, 0, 20, 10)), annotation(2, 2, CUP, (0, 0, 20, 10))])
    found = counted(read_entry(exported(tmp_path, train=train, val=val)))
    assert found.pixel_shares == {"cat": 0.25, "cup": 0.125}
    assert found.background_share == 0.625
    assert (found.mask_count, found.mask_total) == (2, 2)


def test_of_many_masks_an_even_choice_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "MOST_MASKS", 2)
    found = counted(read_entry(exported(tmp_path)))
    assert (found.mask_count, found.mask_total) == (2, 3)


def test_sizes_are_ordered_by_their_pixels(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path))
    path = entry.folder / "annotations" / "instances_val.json"
    path.write_text('{"images": [{"width": 640, "height": 480}, {"width": 100.0, "height": 50}]}')
    sizes = counted(entry).sizes
    assert sizes is not None
    assert (sizes.smallest, sizes.largest) == (Size(height=10, width=20), Size(height=480, width=640))
    assert sizes.median == Size(height=10, width=20)
    path.write_text('{"images": [{"width": null, "height": 480}]}')
    assert counted(entry).sizes is None


def test_damaged_labels_are_named(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path))
    (entry.folder / LABELS).write_text("{}")
    with pytest.raises(CocomineError, match=r"labels\.json: damaged .* Export again"):
        counted(entry)
    (flaw,) = flaws_of(entry)
    assert (flaw.remedy, flaw.is_blocking) == (Remedy.EXPORT, True)
    assert "labels.json: damaged" in flaw.sentence


def test_a_sound_export_has_no_flaw(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path))
    assert flaws_of(entry, counted(entry)) == []


def test_each_flaw_comes_with_what_mends_it(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path, val=WITHOUT_CUPS, without="a.jpg"))
    assert flaws_of(entry) == [
        Flaw(sentence="cup has no validation image (val).", remedy=Remedy.SPLIT),
        Flaw(sentence="1 of 3 images of train have no image file and are left out.", remedy=Remedy.DOWNLOAD),
    ]


def test_what_prevents_a_run_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = read_entry(exported(tmp_path, val=WITHOUT_CUPS, size_px=50))
    (flaw,) = flaws_of(entry)
    assert (flaw.remedy, flaw.is_blocking) == (Remedy.EXPORT, True)
    assert "label maps are 50 px" in flaw.sentence
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "torch" else object())
    assert flaws_of(entry)[0].remedy is Remedy.INSTALL


@pytest.mark.parametrize(
    ("share", "flaws"),
    [
        (0.0, [("cup covers no pixel of the 4 training masks that were looked at.", Remedy.EXPORT)]),
        (0.0004, [("cup (0.04 %) covers less than 0.1 % of the training pixels: expect a low IoU.", Remedy.NOTHING)]),
        (0.001, []),
    ],
)
def test_a_class_that_the_masks_hardly_show_is_named(
    tmp_path: Path, share: float, flaws: list[tuple[str, Remedy]]
) -> None:
    found = Fingerprint(
        sizes=None, pixel_shares={"cat": 0.2, "cup": share}, background_share=0.8, mask_count=4, mask_total=4
    )
    entry = read_entry(exported(tmp_path))
    assert [(flaw.sentence, flaw.remedy) for flaw in flaws_of(entry, found)] == flaws


def test_several_classes_that_the_masks_hardly_show_are_named_together(tmp_path: Path) -> None:
    shares = {"cat": 0.0, "cup": 0.0, "dog": 0.0004, "bus": 0.0002}
    found = Fingerprint(sizes=None, pixel_shares=shares, background_share=0.9, mask_count=1200, mask_total=9000)
    assert [flaw.sentence for flaw in flaws_of(read_entry(exported(tmp_path)), found)] == [
        "cat and cup cover no pixel of the 1,200 training masks that were looked at.",
        "dog (0.04 %) and bus (0.02 %) cover less than 0.1 % of the training pixels: expect a low IoU.",
    ]


@pytest.mark.parametrize(
    ("count", "named"),
    [(4, "a, b, c and d"), (5, "a, b, c, d and 1 more class"), (6, "a, b, c, d and 2 more classes")],
)
def test_of_many_classes_that_the_masks_do_not_show_four_are_named(tmp_path: Path, count: int, named: str) -> None:
    shares = dict.fromkeys("abcdefg"[:count], 0.0)
    found = Fingerprint(sizes=None, pixel_shares=shares, background_share=1.0, mask_count=12, mask_total=12)
    (flaw,) = flaws_of(read_entry(exported(tmp_path)), found)
    assert flaw.sentence == f"{named} cover no pixel of the 12 training masks that were looked at."
