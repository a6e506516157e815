"""What a person reads who finds an export folder."""

from cocomine.exporting.formats.pascal_voc import voc_losses_sentence
from cocomine.exporting.formats.readme import loss_sentences
from cocomine.exporting.formats.yolo import box_losses_sentence, losses_sentence


def test_what_each_format_loses_is_a_sentence_over_all_splits() -> None:
    splits = [
        {"outlinings": {"joined": 1, "as_written": 5}, "boxes": {"nothing": 1}, "voc_entries": {"no_mask": 2}},
        {"outlinings": {"joined": 2, "box": 1}, "boxes": {"crowd": 3}, "voc_entries": {"no_mask": 1}},
    ]
    assert loss_sentences(splits) == [
        losses_sentence({"joined": 3, "box": 1}),
        box_losses_sentence({"nothing": 1, "crowd": 3}),
        voc_losses_sentence({"no_mask": 3}),
    ]
