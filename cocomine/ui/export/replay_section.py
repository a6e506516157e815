"""A recipe of a former export, or of somebody else, becomes what the pages are set to.

Selection and excluded images can be brought back with Undo. What the page has no control for is not set, and then told
by `recipe_changes`: on the command line, `cocomine mine --recipe` makes the same export whatever it holds.
"""

from typing import Any

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.errors import RecipeError
from cocomine.exclusions.edits import Exclusions
from cocomine.exporting.replay import missing_sentence, missing_sources
from cocomine.mining.selection.recipe import SYMLINK, Recipe, name_in_path, recipe_from_text
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.ui.export.format_choice import PURPOSES
from cocomine.ui.session import state
from cocomine.ui.session.export_settings import (
    IMAGES,
    LINK,
    MASK_SIZE,
    MASK_SIZES_PX,
    MOST_FOLDS,
    SYMLINKS,
    THREE_SIDES,
    TWO_SIDES,
    format_key,
)
from cocomine.ui.session.opening import whole_dataset
from cocomine.wording import MODE_PHRASES, POLICY_NAMES, counted, plain

USED = "replayed-recipe"
"""The recipe that the pages were set from."""


def replay_section(present: Recipe | None) -> None:
    """Let the person bring a recipe, and say what it asks for and whether the open dataset has what it needs.

    Args:
        present: what the page is set to; None where nothing is selected.
    """
    with st.expander("Replay a recipe", icon=":material/replay:", key="replay"):
        st.caption("Brings back the selection, the excluded images and the settings of an export: its recipe.yaml.")
        upload = st.file_uploader("Recipe", ["yaml", "yml"], key="replay-file")
        if upload is not None:
            _brought(upload.getvalue())
        used = st.session_state.get(USED)
        if used is not None and present is not None:
            _still_different(used, present)


def _brought(data: bytes) -> None:
    try:
        recipe = recipe_from_text(data.decode())
    except UnicodeDecodeError:
        st.error("This is no recipe: it is not UTF-8 text. Use a recipe.yaml from an export.", icon=":material/error:")
        return
    except RecipeError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    chosen, excluded = recipe.selection, counted(len(recipe.excluded), "image")
    st.markdown(
        plain(
            f"{name_in_path(recipe.dataset_name)}: {MODE_PHRASES[chosen.mode]} {', '.join(chosen.classes)}; unselected "
            f"classes: {POLICY_NAMES[chosen.others]}; {excluded} excluded."
        )
    )
    trouble = replay_trouble(recipe, whole_dataset())
    if trouble:
        st.warning(plain(trouble), icon=":material/warning:")
    st.button(
        "Use this recipe",
        icon=":material/replay:",
        type="primary",
        disabled=bool(trouble),
        on_click=use_recipe,
        args=(recipe,),
    )


def replay_trouble(recipe: Recipe, dataset: Dataset | None) -> str:
    """Return why a recipe cannot be replayed on a dataset, "" where it can."""
    if dataset is None:
        return f"No dataset is open. The recipe was made from {name_in_path(recipe.dataset_name)}: open that first."
    if recipe.lists_images:
        return "This recipe lists its images one by one, as those of a claim check do. Replay it on the command line."
    if missing := missing_sources(recipe, dataset):
        return f"{missing_sentence(recipe, missing)} Open the dataset that has it."
    names = {split.name for split in dataset.splits}
    others = [source.split for source in recipe.sources if source.split not in names]
    return f"The split {others[0]} has another name here. Replay it on the command line." if others else ""


def use_recipe(recipe: Recipe) -> None:
    """Set the pages to a recipe whose files the open dataset has."""
    state.view_splits([source.split for source in recipe.sources])
    state.choose(recipe.selection)
    state.change_exclusions(lambda _: _exclusions(recipe))
    for key, value in settings_of(recipe).items():
        st.session_state[key] = value
    st.session_state[USED] = recipe


def _exclusions(recipe: Recipe) -> Exclusions:
    return {image: dict(recipe.reasons).get(image, "") for image in recipe.excluded}


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """Return the values of the Export page's controls under which it makes a recipe, as far as it has such controls."""
    division = recipe.division
    settings: dict[str, Any] = {
        IMAGES: LINK if recipe.images == SYMLINK else recipe.images,
        SYMLINKS: recipe.images == SYMLINK,
        **{format_key(name): name in recipe.formats for name in PURPOSES if name != "coco"},
        "export-seed": division.seed,
        "export-sides": THREE_SIDES if division.test_share else TWO_SIDES,
        "export-uses-folds": division.fold is not None,
        **{f"export-role-{split}": role for split, role in recipe.roles},
    }
    if recipe.size_px in MASK_SIZES_PX:
        settings[MASK_SIZE] = recipe.size_px
    for key, share, most in (("val", division.val_share, 50), ("test", division.test_share, 45)):
        percent = round(share * 100)
        if percent in range(5, most + 1, 5) and percent / 100 == share:
            settings[f"export-{key}-share"] = percent
    if division.fold is not None and division.fold.count <= MOST_FOLDS:
        settings |= {
            "export-folds": division.fold.count,
            f"export-fold-of-{division.fold.count}": division.fold.number,
        }
    return settings


def _still_different(used: Recipe, present: Recipe) -> None:
    changes = recipe_changes(used, present)
    if not changes:
        st.success("The page is set to this recipe.", icon=":material/check_circle:")
        return
    st.markdown("\n".join(["Different from the recipe now:", "", *(f"- {plain(each)}" for each in changes)]))


def use_settings_button(recipe: Recipe, *, key: str) -> None:
    """Offer to set the pages to the recipe of a former export."""
    trouble = replay_trouble(recipe, whole_dataset())
    label, icon = "Use its settings", ":material/replay:"
    help_text = plain(trouble) or "Brings back selection, excluded images and settings"
    st.button(label, icon=icon, help=help_text, disabled=bool(trouble), key=key, on_click=use_recipe, args=(recipe,))
