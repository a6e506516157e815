"""What a claim check trains and tests on: no file on both sides, equal numbers, the same plan for the same data."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from records import CAT, CUP, DOG, annotation, document, image, write_split

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.arms import ARMS, ArmName, Images
from cocomine.claim.image_pools import ImageFacts
from cocomine.claim.planning import ClaimPlan, plan_claim, rivals_of
from cocomine.claim.protocol import begin_protocol, protocol_of, read_protocol
from cocomine.claim.records import ClaimSettings, Protocol, encoded
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import ClaimError, SelectionError
from cocomine.exporting.planning.plan import plan_export
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.mining.selection.selection import Others

SETTINGS = ClaimSettings(classes=("cat",), train_image_count=12, test_image_count=20)
ALL_ARMS = tuple(ArmName)


def many(first: int, count: int) -> dict[str, Any]:
    """Images of which every third has a cat and every other one a dog; a cup in those without a cat."""
    ids = range(first, first + count)
    records = [annotation(10 * each, each, CAT) for each in ids if each % 3 == 0]
    records += [annotation(10 * each + 1, each, DOG, (8, 1, 4, 4)) for each in ids if each % 2 == 0]
    records += [annotation(10 * each + 2, each, CUP, (1, 6, 4, 3)) for each in ids if each % 3]
    return document([image(each) for each in ids], records)


@pytest.fixture(scope="module")
def split_in_two(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("two")
    write_split(root, many(1, 90), split="train2017", pictures=False)
    write_split(root, many(1001, 60), split="val2017", pictures=False)
    return open_dataset(root)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_dataset(write_split(tmp_path_factory.mktemp("whole"), many(1, 120), pictures=False))


def settings(**changes: Any) -> ClaimSettings:
    return ClaimSettings(**({name: getattr(SETTINGS, name) for name in SETTINGS.__struct_fields__} | changes))


def ids(recipe: Recipe, side: str) -> list[int]:
    return [image_id for _, image_id in dict(recipe.division.listed)[side]]


def recipes(plan: ClaimPlan) -> dict[ArmName, Recipe]:
    return {arm.arm.name: arm.recipe for arm in plan.arms}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("equal", ["images", "positives"])
def test_no_image_is_on_two_sides_of_any_arm(split_in_two: Dataset, whole: Dataset, seed: int, equal: str) -> None:
    for dataset in (split_in_two, whole):
        plan = plan_claim(dataset, settings(seed=seed, equal=equal, arms=ALL_ARMS))
        for recipe in recipes(plan).values():
            sides = [set(images) for _, images in recipe.division.listed]
            assert sum(map(len, sides)) == len(set().union(*sides))


def test_all_arms_are_judged_on_the_same_images_and_looked_at_on_the_same(split_in_two: Dataset) -> None:
    plan = plan_claim(split_in_two, settings(arms=ALL_ARMS))
    for side in ("test", "val"):
        assert len({tuple(ids(recipe, side)) for recipe in recipes(plan).values()}) == 1
    assert ids(plan.arms[0].recipe, "test") == list(plan.test.image_ids)


def test_arms_have_the_same_number_of_images_where_that_is_asked_for(split_in_two: Dataset) -> None:
    plan = plan_claim(split_in_two, settings(arms=ALL_ARMS, equal="images"))
    assert {arm.train_image_count for arm in plan.arms} == {12}
    positives = {arm.arm.name: arm.positive_image_count for arm in plan.arms}
    assert (positives[ArmName.SELECTED], positives[ArmName.ALL], positives[ArmName.HALF]) == (12, 12, 6)
    own = recipes(plan)
    assert ids(own[ArmName.ALL], "train") == ids(own[ArmName.SELECTED], "train") == ids(own[ArmName.AGAIN], "train")
    assert {each for each in ids(own[ArmName.HALF], "train") if each % 3 == 0} < set(
        ids(own[ArmName.SELECTED], "train")
    )


def test_arms_have_the_same_number_of_images_with_a_class(split_in_two: Dataset) -> None:
    plan = plan_claim(split_in_two, settings(arms=ALL_ARMS))
    assert {arm.positive_image_count for arm in plan.arms} == {12}
    assert {arm.arm.name: arm.train_image_count for arm in plan.arms}[ArmName.HALF] == 24


def test_test_images_are_a_random_draw_and_further_ones_with_a_class(split_in_two: Dataset) -> None:
    test = plan_claim(split_in_two, SETTINGS).test
    assert (test.split, sum(test.is_natural)) == ("val2017", 20)
    assert sum(any(has) for has in test.has) == 20  # all that there are
    assert all(any(has) for has, natural in zip(test.has, test.is_natural, strict=True) if not natural)
    assert [any(has) for has in test.has] == [each % 3 == 0 for each in test.image_ids]
    column = test.rivals.index("dog")
    assert [has[column] for has in test.has_rival] == [each % 2 == 0 for each in test.image_ids]


def test_of_a_single_split_a_share_is_held_out_and_that_is_told(whole: Dataset) -> None:
    plan = plan_claim(whole, settings(test_image_count=100))
    assert sum(plan.test.is_natural) == 36  # 30 % of 120
    assert any("were held out for testing before all else was drawn" in notice for notice in plan.notices)
    assert any("36 images for testing; 100 were asked for" in notice for notice in plan.notices)


def test_an_image_whose_file_is_a_test_image_trains_nobody(split_in_two: Dataset) -> None:
    cats = [each for each in range(1, 91) if each % 3 == 0]
    alike = tuple((("train2017", each), ("val2017", 1001 + index)) for index, each in enumerate(cats[:12]))
    plan = plan_claim(split_in_two, settings(arms=ALL_ARMS), facts=ImageFacts(alike=alike))
    for recipe in recipes(plan).values():
        assert set(cats[:12]).isdisjoint({*ids(recipe, "train"), *ids(recipe, "val")})
    assert any(notice.startswith("12 images of train2017 may not train") for notice in plan.notices)


def test_an_image_without_a_file_is_on_no_side(split_in_two: Dataset) -> None:
    first = plan_claim(split_in_two, SETTINGS)
    gone = frozenset(key for _, images in first.arms[0].recipe.division.listed for key in images[:2])
    again = plan_claim(split_in_two, SETTINGS, facts=ImageFacts(unusable=gone))
    assert not gone & {key for _, images in again.arms[0].recipe.division.listed for key in images}


def test_one_file_under_two_ids_is_taken_once(tmp_path: Path) -> None:
    value = many(1, 120)
    for record in value["images"]:
        record["file_name"] = f"{(record['id'] + 1) // 2}.jpg"  # two ids for each file
    plan = plan_claim(open_dataset(write_split(tmp_path, value, pictures=False)), settings(arms=ALL_ARMS))
    for recipe in recipes(plan).values():
        files = [(image_id + 1) // 2 for _, images in recipe.division.listed for _, image_id in images]
        assert len(files) == len(set(files))


def test_fewer_images_than_asked_for_are_told(split_in_two: Dataset) -> None:
    plan = plan_claim(split_in_two, settings(train_image_count=500, equal="images"))
    assert any("Each arm has 26 training images instead of 500" in notice for notice in plan.notices)
    assert {arm.train_image_count for arm in plan.arms} == {26}


def test_every_arm_is_an_export_that_can_be_planned(split_in_two: Dataset) -> None:
    for arm in plan_claim(split_in_two, settings(arms=ALL_ARMS)).arms:
        export = plan_export(split_in_two, arm.recipe)
        assert tuple(label.name for label in export.table.labels) == arm.labels
        assert {part.split.name: len(part.image_index) for part in export.parts}["train"] == arm.train_image_count


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": (ArmName.SELECTED,)}, "1 arm can be compared with nothing. Choose two at least"),
        ({"arms": (ArmName.HALF, ArmName.ALL)}, "Arm A is what all others are compared with. Add it"),
        ({"arms": (ArmName.ALL, ArmName.ALL)}, "The arm C is named twice"),
        ({"classes": ("cat", "cat")}, "The class cat is named twice"),
        ({"classes": ("cat", "cup")}, r"train2017: every image has cat or cup, so no arm can be half without"),
    ],
)
def test_what_cannot_be_checked_is_refused(split_in_two: Dataset, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        plan_claim(split_in_two, settings(**changes))


def test_an_unknown_class_is_answered_with_the_nearest(split_in_two: Dataset) -> None:
    with pytest.raises(SelectionError, match="There is no category 'cot'"):
        plan_claim(split_in_two, settings(classes=("cot",)))


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    write_split(tmp_path, many(1, 90), split="train2017", pictures=False)
    write_split(tmp_path, many(1001, 12), split="val2017", pictures=False)
    with pytest.raises(ClaimError, match=r"val2017: only 4 test images with cat; 5 are the least. Choose more"):
        plan_claim(open_dataset(tmp_path), SETTINGS)
    write_split(tmp_path / "few", many(1, 12), split="train2017", pictures=False)
    write_split(tmp_path / "few", many(1001, 60), split="val2017", pictures=False)
    with pytest.raises(ClaimError, match="train2017: only 3 training images with cat; 4 are the least"):
        plan_claim(open_dataset(tmp_path / "few"), SETTINGS)


def test_an_arm_of_all_labels_needs_room_for_them(tmp_path: Path) -> None:
    value = many(1, 120)
    value["categories"] = [*value["categories"], *({"id": 1000 + n, "name": f"kind {n}"} for n in range(260))]
    dataset = open_dataset(write_split(tmp_path, value, pictures=False))
    with pytest.raises(ClaimError, match=r"Arm C \(selected images, all labels\): 263 classes need a label .* A and E"):
        plan_claim(dataset, SETTINGS)


def test_rivals_are_the_unselected_classes_whose_pairs_are_furthest_from_chance(split_in_two: Dataset) -> None:
    assert rivals_of(split_in_two, ["cat"])[0] == "cup"  # never with a cat
    assert "cat" not in rivals_of(split_in_two, ["cat"])


def test_the_same_dataset_and_settings_give_the_same_protocol(split_in_two: Dataset) -> None:
    one, other = (encoded(protocol_of(plan_claim(split_in_two, SETTINGS))) for _ in range(2))
    assert one == other
    assert encoded(protocol_of(plan_claim(split_in_two, settings(seed=1)))) != one


def test_exports_differ_in_training_images_and_the_policy_for_other_classes_alone(split_in_two: Dataset) -> None:
    """And in each of these as the table of the arms says."""
    arms = plan_claim(split_in_two, settings(arms=ALL_ARMS)).arms

    def without_what_differs(recipe: Recipe) -> Recipe:
        of_all = tuple((side, images) for side, images in recipe.division.listed if side != "train")
        division = replace(recipe.division, listed=of_all)
        return replace(recipe, selection=replace(recipe.selection, others=Others.KEEP), division=division)

    assert len({recipe_text(without_what_differs(arm.recipe)) for arm in arms}) == 1
    drawn: dict[Images, set[tuple[ImageKey, ...]]] = {}
    for arm in arms:
        assert arm.recipe.selection.others is ARMS[arm.arm.name].others
        drawn.setdefault(ARMS[arm.arm.name].images, set()).add(dict(arm.recipe.division.listed)["train"])
    assert [len(found) for found in drawn.values()] == [1, 1, 1]  # arms of one kind have the same images in one order
    assert len(set().union(*drawn.values())) == 3


def test_runs_differ_in_export_seed_and_steps_alone(split_in_two: Dataset, tmp_path: Path) -> None:
    protocol = protocol_of(plan_claim(split_in_two, settings(arms=ALL_ARMS)))
    runs = list(runs_of(protocol))
    configs = [run.config(tmp_path, protocol.settings) for run in runs]
    names = configs[0].__dataclass_fields__
    varied = {name for name in names if len({getattr(config, name) for config in configs}) > 1}
    assert varied == {"export", "seed", "steps", "warmup_steps", "evaluate_every"}  # the last two follow from steps
    for steps in protocol.steps:
        of_steps = [config for config in configs if config.steps == steps]
        assert len({(config.warmup_steps, config.evaluate_every) for config in of_steps}) == 1
    assert {config.patience for config in configs} == {0}
    assert len({run.name for run in runs}) == len(runs) == (len(ALL_ARMS) + 2) * 3
    longer = {run.arm for run in runs if run.steps == 3 * protocol.settings.steps}
    assert longer == {ArmName.SELECTED, ArmName.ALL}
    again = [run for run in runs if run.arm is ArmName.AGAIN]
    assert {run.export_folder(tmp_path) for run in again} == {tmp_path / "exports" / "A"}
    assert {run.seed for run in again}.isdisjoint({run.seed for run in runs if run.arm is ArmName.SELECTED})


@pytest.mark.parametrize(
    ("arms", "second"),
    [
        (("A", "C", "E"), ArmName.HALF),
        (("A", "C"), ArmName.ALL),
        (("A2", "A"), ArmName.AGAIN),
        (("D", "A"), ArmName.RANDOM),
    ],
)
def test_the_first_comparison_is_with_arm_a_on_the_natural_mix(
    split_in_two: Dataset, arms: tuple[str, ...], second: ArmName
) -> None:
    primary = protocol_of(plan_claim(split_in_two, settings(arms=tuple(map(ArmName, arms))))).primary
    assert (primary.first, primary.second, primary.test_set, primary.steps) == (ArmName.SELECTED, second, "T2", 150)


def begun(folder: Path, dataset: Dataset, asked: ClaimSettings = SETTINGS) -> Protocol:
    protocol = protocol_of(plan_claim(dataset, asked))
    begin_protocol(folder, protocol)
    return protocol


def test_a_protocol_is_written_once_and_read_again(split_in_two: Dataset, tmp_path: Path) -> None:
    protocol = begun(tmp_path / "claim", split_in_two)
    before = (tmp_path / "claim" / "protocol.json").read_bytes()
    assert read_protocol(tmp_path / "claim") == protocol
    begun(tmp_path / "claim", split_in_two)
    assert (tmp_path / "claim" / "protocol.json").read_bytes() == before


def test_another_protocol_is_refused_with_what_differs(split_in_two: Dataset, tmp_path: Path) -> None:
    begun(tmp_path / "claim", split_in_two)
    with pytest.raises(
        ClaimError, match=r"differs in seed count \(3 there, 5 now\); steps \(150 there, 80 now\)\. What"
    ):
        begun(tmp_path / "claim", split_in_two, settings(seed_count=5, steps=80))


def test_a_folder_without_a_protocol_is_no_claim_check(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=r"there is no protocol.json. Name the folder of a claim check"):
        read_protocol(tmp_path)
