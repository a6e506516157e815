"""A card says what a network is, by hand."""

from dataclasses import replace as with_setting

from msgspec.structs import replace
from run_folders import FINAL, INFO

from cocomine.training.model_card import model_card
from cocomine.training.runs.config import preset
from cocomine.training.runs.records import EncoderWeights

CONFIG = with_setting(preset("recommended", export="/export", seed=7))
WEIGHTS = EncoderWeights(source="/w.pth", sha256="c" * 64, loaded_count=260, random=("a", "b"), complete_stages=4)
MADE = replace(INFO, parameter_count=31_234_567, frozen_stages=["stem", "layer1"], weights=WEIGHTS)


def lines_of(**changes: object) -> list[str]:
    best = replace(FINAL, weights="best", step=5, mean_iou=0.625, iou=[0.75, 0.5])
    return model_card(CONFIG, replace(MADE, **changes), [FINAL, best]).splitlines()


def test_a_card_says_what_the_network_was_made_of() -> None:
    text = lines_of()
    first = text.index("| Network | LinkNet, ResNet-50 encoder, 31.23 million parameters |")
    assert text[first + 1 : first + 10] == [
        "| Classes | cat (2 labels with background) |",
        "| Trained on | 8 images of train2017, 32 px square |",
        "| Validated on | 12 images of val2017 |",
        f"| Export | `/export`, manifest SHA-256 {'a' * 64} |",
        f"| Encoder weights | /w.pth (SHA-256 {'c' * 64}; 260 tensors, 2 random) |",
        "| Frozen | stem, layer1 |",
        "| Preset | Recommended |",
        "| Settings | 4000 steps of 16 images, adamw, learning rate 0.001 (0.0001 for pretrained stages), cosine, loss "
        "ce+dice, augmentation on, running mean of the weights (0.999), seed 7 |",
        "| Made with | PyTorch 2.13.0 on cpu, 1 thread |",
    ]


def test_a_card_of_a_random_start_says_that_nothing_was_frozen() -> None:
    text = lines_of(frozen_stages=[], weights=EncoderWeights(source="random"))
    assert "| Frozen | nothing |" in text
    assert "| Encoder weights | random |" in text


def test_a_card_has_the_numbers_of_both_weights_and_of_an_empty_prediction() -> None:
    text = lines_of()
    first = text.index("| last (step 9) | 12 | 0.500 | 39.1 to 61.8 % | 0.700 | 0.900 | 0.750 | 0.300 |")
    assert text[first + 1 : first + 4] == [
        "| best (step 5) | 12 | 0.625 | 39.1 to 61.8 % | 0.700 | 0.900 | 0.750 | 0.300 |",
        "| empty prediction | 12 | 0.000 | – | 0.350 | 0.700 | 0.700 | 0.600 |",
        "| prior mask | 12 | 0.100 | – | 0.400 | 0.700 | 0.700 | 0.500 |",
    ]
    classes = text.index("| IoU of | last | best | images | pixels |")
    assert text[classes + 2 : classes + 4] == [
        "| background | 0.900 | 0.750 | 12 | 70,000 |",
        "| cat | 0.500 | 0.500 | 5 | 30,000 |",
    ]
    missing = model_card(CONFIG, MADE, [replace(FINAL, iou=[0.9, None]), FINAL])
    assert "| cat | does not occur | 0.500 |" in missing


def test_a_card_of_a_former_runs_numbers_leaves_open_what_they_do_not_say() -> None:
    former = replace(FINAL, prior_baseline=None, mean_iou_interval=None, image_counts=[], pixel_counts=[])
    text = model_card(CONFIG, MADE, [former])
    assert "prior mask |" not in text
    assert "| last (step 9) | 12 | 0.500 | – |" in text
    assert "| cat | 0.500 | – | – |" in text
