"""What is read from the folder of a claim check beside its result: the grid, the images, the table.

And how it is deleted."""

import csv
import io
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from claim_folders import write_claim
from claims import planted_result
from judged_claims import made_protocol

from cocomine.claim.arms import ArmName
from cocomine.claim.contrast import contrasts, image_scores
from cocomine.claim.counts_file import read_run_counts, write_run_counts
from cocomine.claim.csv_table import differences_csv
from cocomine.claim.grid import cell_words, grid_rows, is_begun
from cocomine.claim.keeping import delete_claim, deleted_claims, restore_claim
from cocomine.claim.reading import read_claim
from cocomine.claim.records import TESTS
from cocomine.errors import ClaimError
from cocomine.system.own_process import take_folder_lock

PROTOCOL = made_protocol(arms=(ArmName.SELECTED, ArmName.ALL), seed_count=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_claim(tmp_path / "claims" / "apple-1", PROTOCOL)


def test_the_grid_has_a_row_for_each_arm_and_number_of_steps_and_fills_in(tmp_path: Path) -> None:
    claim = read_claim(write_claim(tmp_path / "apple-1", PROTOCOL, done=5), time.time())
    rows = grid_rows(claim.cells)
    assert [(row.arm, row.steps) for row in rows] == [("A", 150), ("A", 450), ("C", 150), ("C", 450)]
    assert [sum(is_begun(cell) for cell in row.cells) for row in rows] == [2, 1, 1, 1]
    assert rows[0].words == "selected images only, 150 steps"
    first, second = (cell.iou_natural for cell in rows[0].cells)
    assert first is not None
    assert second is not None
    assert rows[0].score_words.startswith(f"mIoU {50 * (first + second):.1f} % ({100 * min(first, second):.1f} to ")
    assert rows[0].score_words.endswith("2 of 2 seeds)")
    assert rows[1].score_words.endswith("(1 of 2 seeds)")
    assert cell_words(rows[0].cells[0]) == f"#0 · {100 * first:.1f} %"
    assert cell_words(rows[2].cells[1]) == "#1 · waiting"


def test_images_are_ranked_by_how_far_the_arms_differ_on_them(folder: Path) -> None:
    compared = PROTOCOL.primary
    swapped = msgspec.structs.replace(compared, first=compared.second, second=compared.first)
    images = contrasts(folder, PROTOCOL, swapped).first_ahead  # the second arm makes the false alarms
    differences = [each.first - each.second for each in images]
    assert differences == sorted(differences, reverse=True)
    assert (len(differences), min(differences) > 0) == (6, True)
    other, selected = (image_scores(folder, PROTOCOL, arm, 150) for arm in (ArmName.ALL, ArmName.SELECTED))
    assert differences[0] == pytest.approx(float((other - selected).max()))
    assert [each.image_id for each in contrasts(folder, PROTOCOL, compared).second_ahead] == [
        each.image_id for each in images
    ]


def test_the_score_of_an_image_is_that_of_its_own_pixels_and_nothing_wrong_is_whole(folder: Path) -> None:
    path = folder / TESTS / "A-150-0.npz"
    counts = read_run_counts(path, PROTOCOL)
    counts.right[0], counts.predicted[0], counts.true[0] = 30, 60, 50  # of 80 pixels that are true or predicted
    counts.right[1], counts.predicted[1], counts.true[1] = 0, 0, 0
    write_run_counts(path, counts)
    write_run_counts(folder / TESTS / "A-150-1.npz", counts)
    assert image_scores(folder, PROTOCOL, ArmName.SELECTED, 150)[:2] == pytest.approx([30 / 80, 1.0])


def test_arms_that_do_not_differ_have_no_images(folder: Path) -> None:
    for steps_and_seed in ("150-0", "150-1"):
        (folder / TESTS / f"C-{steps_and_seed}.npz").write_bytes((folder / TESTS / "A-150-0.npz").read_bytes())
        (folder / TESTS / f"A-{steps_and_seed}.npz").write_bytes((folder / TESTS / "A-150-0.npz").read_bytes())
    found = contrasts(folder, PROTOCOL, PROTOCOL.primary)
    assert (found.first_ahead, found.second_ahead) == ((), ())
    (folder / TESTS / "C-150-0.npz").unlink()
    with pytest.raises(ClaimError, match=r"C-150-0\.npz: cannot be read"):
        contrasts(folder, PROTOCOL, PROTOCOL.primary)


def test_the_table_for_a_spreadsheet_has_every_difference_with_its_numbers_as_they_are() -> None:
    result = planted_result("a,b")
    rows = list(csv.DictReader(io.StringIO(differences_csv(result))))
    assert [float(row["value"]) for row in rows] == [each.value for each in result.differences]
    assert [float(row["p"]) for row in rows] == [each.p for each in result.differences]
    assert (rows[0]["first_arm"], rows[0]["second_arm"], rows[0]["test_set"]) == ("A", "E", "T2")
    assert {row["class_name"] for row in rows} == {"", "a,b", "pear"}
    assert np.mean([row["is_told"] == "True" for row in rows]) < 1


def test_a_deleted_claim_check_comes_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    trash = tmp_path / "deleted"
    moved = delete_claim(read_claim(folder, time.time()), trash, time.time())
    assert not folder.exists()
    assert deleted_claims(trash) == [moved]
    write_claim(folder, PROTOCOL, done=0)
    with pytest.raises(ClaimError, match="another claim check has this name now"):
        restore_claim(moved, folder.parent)
    again = delete_claim(read_claim(folder, time.time()), trash, time.time())
    assert again.name == "apple-1~2"
    assert restore_claim(moved, folder.parent) == folder
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_claim_check_with_a_run_at_work_stays(tmp_path: Path) -> None:
    folder = write_claim(tmp_path / "apple-1", PROTOCOL, done=1, with_runs=True)
    claim = read_claim(folder, time.time())
    run = next(cell.folder for cell in claim.cells if cell.state == "done")
    status = (run / "status.json").read_text()
    (run / "status.json").write_text(status.replace('"done"', '"running"'))
    lock = take_folder_lock(run)
    assert lock is not None
    with lock, pytest.raises(ClaimError, match="apple-1: it is at work"):
        delete_claim(claim, tmp_path / "deleted", time.time())
    assert folder.is_dir()


def test_what_is_no_claim_check_is_not_moved(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(ClaimError, match="is no folder of a claim check"):
        restore_claim(tmp_path / "notes", tmp_path / "claims")
