"""The tree of an export's files is short, and its numbers are those of the manifest."""

from typing import Any

from cocomine.exporting.file_tree import MOST_NAMED, TreeRow, file_tree

FILES: list[dict[str, Any]] = [
    {"path": "README.md", "size": 10},
    *({"path": f"images/train/{number}.jpg", "size": 100} for number in range(10, 16)),
    {"path": "images/train/metadata.jsonl", "size": 3},
    {"path": "images/val/7.jpg", "size": 5},
    {"path": "images/val/8.jpg", "size": None},
]


def test_folders_come_first_and_many_files_are_one_row() -> None:
    rows = file_tree(FILES)
    assert [row.name for row in rows if row.is_folder] == ["images/", "train/", "val/"]
    assert rows == [
        TreeRow(name="images/", depth=0, file_count=9, size_bytes=608, is_folder=True),
        TreeRow(name="train/", depth=1, file_count=7, size_bytes=603, is_folder=True),
        TreeRow(name="10.jpg … 15.jpg", depth=2, file_count=6, size_bytes=600),
        TreeRow(name="metadata.jsonl", depth=2, file_count=1, size_bytes=3),
        TreeRow(name="val/", depth=1, file_count=2, size_bytes=5, is_folder=True),
        TreeRow(name="7.jpg", depth=2, file_count=1, size_bytes=5),
        TreeRow(name="8.jpg", depth=2, file_count=1, size_bytes=0),
        TreeRow(name="README.md", depth=0, file_count=1, size_bytes=10),
    ]


def test_as_many_files_as_are_named_at_most_have_a_row_each() -> None:
    files = [{"path": f"images/{number}.jpg", "size": 1} for number in range(MOST_NAMED)]
    assert [row.name for row in file_tree(files)] == ["images/", "0.jpg", "1.jpg", "2.jpg", "3.jpg"]
