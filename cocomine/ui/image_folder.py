"""How many images are on disk, and a way to say where the others are; the same on Data, Check and Export.

What the person names is kept for the dataset in the workspace and tried again the next time.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folder_search import image_folder_below
from cocomine.coco.image_folder_store import keep_folders, kept_folders
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders, Place, place_of, require_images, with_images
from cocomine.coco.images_on_disk import ImageCount, image_count
from cocomine.errors import AddressError, DatasetError
from cocomine.ui.folders import walk
from cocomine.ui.session import state
from cocomine.ui.session.view import View
from cocomine.wording import counted, plain, printable

ALL_SPLITS = "all splits"
WALK = "image-folder-walk"
TROUBLE = "image-folder-trouble"
ADDRESS, ADDRESS_TROUBLE = "image-address", "image-address-trouble"
AWAY = (
    "**Images are fetched from an address as they are needed.** Exports copy them, hard links are not possible, and "
    "FiftyOne shows those that were fetched before. Whether each is there, and how large it is, shows then."
)


def image_folder_panel(view: View) -> list[ImageCount]:
    """Say which images are not on disk, and let the person name their folder; where all are there, show nothing.

    Returns:
        How many images of each split are on disk.
    """
    counts, kept = view.image_counts, _kept(view.dataset)
    missing = [count for count in counts if count.there < count.total]
    away = [count for count in counts if count.address]
    unused = [
        place
        for place in kept.named.values()
        if isinstance(place, Path) and not any(_is_in(count.folder, place) for count in counts)
    ]
    if trouble := st.session_state.pop(TROUBLE, None):
        st.error(plain(trouble), icon=":material/error:")
    if not missing and not unused and not away:
        return counts
    with st.container(border=True, key="image-folder-panel"):
        if missing or unused:
            icon = ":material/image_not_supported:" if missing else ":material/folder_off:"
            st.markdown("\n".join([f"{icon} {_headline(counts)}", *(f"- {_sentence(each)}" for each in missing)]))
        if away:
            st.markdown("\n".join([f":material/cloud: {AWAY}", *(f"- {_away_sentence(each)}" for each in away)]))
        for folder in unused:
            st.markdown(f"The chosen folder {_code(folder)} holds none of the images now.")
        with st.container(horizontal=True):
            if st.button("Choose image folder", icon=":material/folder_open:"):
                choose_image_folder(view)
            for target in sorted({target for count in counts for target in count.links_to}):
                words = f"Allow links to {plain(printable(target))}"
                st.button(words, icon=":material/link:", on_click=_allow, args=(view.dataset, target))
            if kept != EVERYWHERE:
                args = (view.dataset, EVERYWHERE)
                st.button("Forget chosen folders", icon=":material/undo:", on_click=_keep, args=args, type="tertiary")
    return counts


@st.dialog("Choose image folder", width="large")
def choose_image_folder(view: View) -> None:
    """Let the person walk to the folder of the images; it says of each folder how many are in it."""
    dataset = view.dataset
    names = [split.name for split in dataset.splits]
    split = names[0] if len(names) == 1 else st.selectbox("Images of", [ALL_SPLITS, *names], key="image-folder-split")
    _address_field(dataset, "" if split == ALL_SPLITS else str(split))
    home = dataset.path if dataset.path.is_dir() else dataset.path.parent
    folder, _ = walk(WALK, starts=[home, home.parent])
    counts = [count for count in _counts_below(dataset, folder) if split in {ALL_SPLITS, count.split}]
    there, total = sum(count.there for count in counts), sum(count.total for count in counts)
    with st.container(horizontal=True, vertical_alignment="center"):
        args = (dataset, "" if split == ALL_SPLITS else split, folder)
        icon = ":material/check:"
        if st.button("Use this folder", type="primary", icon=icon, disabled=not there, on_click=_name, args=args):
            st.rerun()
        st.markdown(f"**{there:,} of {total:,}** images are in here.{'' if there else _searched_names(dataset, split)}")


def _counts_below(dataset: Dataset, top: Path) -> list[ImageCount]:
    found = ((each, image_folder_below(top, each.name, each.images.file_names)) for each in dataset.splits)
    return [image_count(with_images(each, folder, each.linked_folders)) for each, folder in found]


def _address_field(dataset: Dataset, split: str) -> None:
    """Offer to name an address instead of a folder."""
    with st.form("image-address-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Or an address", placeholder="s3://, gs://, az:// or https://", key=ADDRESS)
        args = (dataset, split)
        is_asked = st.form_submit_button("Use this address", icon=":material/cloud:", on_click=_use_address, args=args)
    if trouble := st.session_state.pop(ADDRESS_TROUBLE, None):
        st.error(plain(trouble), icon=":material/cloud_off:")
    elif is_asked:
        st.rerun()


def _use_address(dataset: Dataset, split: str) -> None:
    """Keep an address if some of the images are there, which is asked now, within a bound."""
    try:
        place = place_of(str(st.session_state.get(ADDRESS, "")).strip(), state.workspace().fetched_images)
        if isinstance(place, ImageAddress):
            require_images(place, [each for each in dataset.splits if split in {"", each.name}])
    except (DatasetError, AddressError, OSError) as error:
        st.session_state[ADDRESS_TROUBLE] = str(error)
    else:
        _name(dataset, split, place)


def _kept(dataset: Dataset) -> ImageFolders:
    workspace = state.workspace()
    return kept_folders(workspace.image_folders, dataset.path, workspace.fetched_images)


def name_folders(dataset: Dataset, named: Mapping[str, Path]) -> None:
    """Keep where the images of some splits are, or will be."""
    kept = _kept(dataset)
    _keep(dataset, replace(kept, named={**kept.named, **named}))


def _name(dataset: Dataset, split: str, folder: Place) -> None:
    """Keep a folder for a split; one for all splits takes the place of every other."""
    kept = _kept(dataset)
    _keep(dataset, replace(kept, named={**kept.named, split: folder} if split else {"": folder}))


def _allow(dataset: Dataset, target: Path) -> None:
    kept = _kept(dataset)
    _keep(dataset, replace(kept, linked=(*kept.linked, target)))


def _keep(dataset: Dataset, folders: ImageFolders) -> None:
    try:
        keep_folders(state.workspace().image_folders, dataset.path, folders)
    except OSError as error:
        st.session_state[TROUBLE] = (
            f"{state.workspace().image_folders}: the choice cannot be kept ({error.strerror}). Start CocoMine with "
            "COCOMINE_HOME set to a folder of your own."
        )


def _is_in(folder: Path | None, named: Path) -> bool:
    return folder is not None and folder.is_relative_to(named)


def _headline(counts: list[ImageCount]) -> str:
    there, total = sum(count.there for count in counts), sum(count.total for count in counts)
    rest = "Statistics, selection and annotation exports work without them; viewing and training need them."
    return f"**{there:,} of {counted(total, 'image')} found, {total - there:,} missing.** {rest}"


def _sentence(count: ImageCount) -> str:
    links = f" Links lead to {', '.join(map(_code, count.links_to))}, which is not followed." if count.links_to else ""
    if count.folder is None:
        return f"{plain(count.split)}: no image folder was found for {counted(count.total, 'image')}.{links}"
    return f"{plain(count.split)}: {count.there:,} of {count.total:,} in {_code(count.folder)}.{links}"


def _away_sentence(count: ImageCount) -> str:
    images = counted(count.total, "image")
    return f"{plain(count.split)}: {images} at {_code(count.address)}, {count.kept:,} fetched so far."


def _searched_names(dataset: Dataset, split: str) -> str:
    names_of = [each.images.file_names for each in dataset.splits if split in {ALL_SPLITS, each.name}]
    return f" Searched for: {', '.join(_code(names[0]) for names in names_of[:3] if len(names))} …"


def _code(text: object) -> str:
    return f"`{printable(text).replace('`', ' ')}`"
