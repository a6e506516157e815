"""Pieces cover all rows once, in their order."""

import pytest

from cocomine.coco import pieces as module
from cocomine.coco.pieces import pieces


@pytest.mark.parametrize("row_count", [0, 1, 3, 4, 12, 13])
def test_pieces_hold_every_row_once_and_in_order(monkeypatch: pytest.MonkeyPatch, row_count: int) -> None:
    monkeypatch.setattr(module, "PIECE_ROWS", 4)
    rows = range(row_count)
    found = [rows[piece] for piece in pieces(row_count)]
    assert [row for piece in found for row in piece] == list(rows)
    assert all(0 < len(piece) <= 4 for piece in found) or not row_count


def test_no_row_is_one_empty_piece() -> None:
    assert [(piece.start, piece.stop) for piece in pieces(0)] == [(0, 0)]
