"""What a compressed code fills is what pycocotools reads from it, and a broken one is told."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from cocomine.coco import run_lengths
from cocomine.coco.masks import runs_of
from cocomine.coco.run_lengths import BROKEN, filled_px

RUNS = st.lists(st.integers(0, 40) | st.integers(0, 100_000), min_size=1, max_size=12)
CODES = st.lists(RUNS, max_size=8)


def code_of(runs: list[int]) -> bytes:
    height, width = sum(runs), 1
    encoded: dict[str, Any] = coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return bytes(encoded["counts"])


@given(CODES)
def test_a_sound_code_fills_the_sum_of_its_runs(codes: list[list[int]]) -> None:
    assert filled_px([code_of(runs) for runs in codes]).tolist() == [sum(runs) for runs in codes]


@given(st.lists(st.text(alphabet=[chr(sign) for sign in range(40, 120)], max_size=9), max_size=6))
def test_any_code_is_read_as_the_one_that_draws_it_reads_it(codes: list[str]) -> None:
    found = filled_px([code.encode() for code in codes]).tolist()
    for code, filled in zip(codes, found, strict=True):
        runs = runs_of(code)
        is_sound = bool(runs) and min(runs) >= 0
        assert filled == (sum(runs) if is_sound else BROKEN)


def test_a_run_longer_than_any_image_is_broken() -> None:
    code = code_of([1 << 30, 5])
    assert filled_px([code]).tolist() == [BROKEN]
    assert runs_of(code.decode()) == []


@pytest.mark.parametrize("batch", [1, 7, 1 << 18])
def test_codes_do_not_depend_on_those_beside_them(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lengths, "BATCH_CHARACTERS", batch)
    random = np.random.default_rng(0)
    every = [random.integers(0, 900, size=random.integers(1, 30)).tolist() for _ in range(60)]
    codes = [code_of(runs) for runs in every]
    codes[3], codes[9], codes[40] = b"", codes[9][:-1] + b"P", b"b'" + codes[40]
    expected = [sum(runs) for runs in every]
    expected[3] = expected[9] = expected[40] = BROKEN
    assert filled_px(codes).tolist() == expected


@pytest.mark.parametrize("code", [b"", b"P", b"PPPPPPPPPPPPPPP1", b"b'04'", b"0O", b" 4", "ü".encode(), b"\xff0"])
def test_what_is_no_code_is_broken(code: bytes) -> None:
    assert filled_px([b"04", code, b"04"]).tolist() == [4, BROKEN, 4]
