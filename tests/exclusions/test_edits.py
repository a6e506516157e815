"""Edits on the list of images taken out: each changes the images it names and no other, and can be undone."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.dataset import ImageKey
from cocomine.exclusions.edits import (
    LONGEST_REASON,
    Edit,
    Exclusions,
    annotate,
    exclude,
    restore,
    step_between,
    with_reasons,
)

KEYS = st.tuples(st.sampled_from(["train", "val"]), st.integers(0, 3))
WORDS = st.text(max_size=6).map(lambda text: " ".join(text.split()))
LISTS: st.SearchStrategy[Exclusions] = st.dictionaries(KEYS, WORDS)


def edits(keys: st.SearchStrategy[ImageKey]) -> st.SearchStrategy[tuple[frozenset[ImageKey], Edit]]:
    """The images that an edit names, and the edit."""

    def made(images: frozenset[ImageKey], kind: str, reason: str) -> tuple[frozenset[ImageKey], Edit]:
        kinds: Mapping[str, Edit] = {
            "out": lambda reasons: exclude(reasons, images),
            "back": lambda reasons: restore(reasons, images),
            "why": lambda reasons: annotate(reasons, images, reason),
        }
        return images, kinds[kind]

    return st.builds(made, st.frozensets(keys), st.sampled_from(["out", "back", "why"]), WORDS)


@given(reasons=LISTS, change=edits(KEYS))
def test_an_edit_leaves_all_other_images_as_they_were(
    reasons: Exclusions, change: tuple[frozenset[ImageKey], Edit]
) -> None:
    images, edit = change
    after = edit(reasons)
    assert {key: why for key, why in after.items() if key not in images} == restore(reasons, images)


@given(reasons=LISTS, change=edits(KEYS))
def test_an_edit_made_twice_is_as_made_once(reasons: Exclusions, change: tuple[frozenset[ImageKey], Edit]) -> None:
    _, edit = change
    assert edit(edit(reasons)) == edit(reasons)


@given(
    reasons=LISTS,
    one=edits(st.tuples(st.just("train"), st.integers(0, 3))),
    other=edits(st.tuples(st.just("val"), st.integers(0, 3))),
)
def test_the_order_of_edits_on_different_images_does_not_matter(
    reasons: Exclusions, one: tuple[frozenset[ImageKey], Edit], other: tuple[frozenset[ImageKey], Edit]
) -> None:
    assert one[1](other[1](reasons)) == other[1](one[1](reasons))


@given(before=LISTS, after=LISTS)
def test_a_step_undone_and_redone_leads_there_and_back(before: Exclusions, after: Exclusions) -> None:
    step = step_between(before, after)
    assert with_reasons(after, step.before) == before
    assert with_reasons(before, step.after) == after


@given(before=LISTS, after=LISTS, others=st.dictionaries(st.tuples(st.just("other"), st.integers()), WORDS))
def test_undoing_a_step_keeps_what_others_took_out_meanwhile(
    before: Exclusions, after: Exclusions, others: Exclusions
) -> None:
    assert with_reasons({**after, **others}, step_between(before, after).before) == {**before, **others}


def test_an_image_taken_out_again_keeps_its_reason() -> None:
    assert exclude({("val", 1): "dark"}, [("val", 1), ("val", 2)]) == {("val", 1): "dark", ("val", 2): ""}


def test_a_reason_takes_no_image_out() -> None:
    assert annotate({}, [("val", 1)], "dark") == {}


def test_a_reason_is_one_line_of_limited_length() -> None:
    image = ("val", 1)
    assert annotate({image: ""}, [image], "  much\n too\tdark ") == {image: "much too dark"}
    assert annotate({image: ""}, [image], "x" * 1000) == {image: "x" * LONGEST_REASON}
