"""Classes that are taken as one: made, renamed and taken apart.

What a person types stays in its fields until it has become a group; then they get new keys, so that what a browser that
is behind still sends for the former ones changes nothing.
"""

from functools import partial

import streamlit as st

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import grouped
from cocomine.errors import SelectionError
from cocomine.mining.selection.editing import with_group, without_group
from cocomine.mining.selection.selection import Selection
from cocomine.ui.session import state
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View
from cocomine.wording import counted, join_names, plain

ROUND, TROUBLE = "grouping-round", "grouping-trouble"


def class_groups_section(view: View) -> None:
    """Offer to take several classes as one, and show the groups that there are."""
    with st.expander("Group classes", icon=":material/category:"):
        st.caption(
            "Grouped classes count, train and are exported as one class. A group of one class renames it. The source "
            "files stay as they are; an export's id_map.json lists the original categories."
        )
        image_counts = {category.name: category.image_count for category in view.statistics}
        for group in view.selection.groups:
            _group(view.dataset, group, image_counts[group.name])
        _new_group(view.dataset)
        trouble = st.session_state.pop(TROUBLE, None)
        if trouble:
            st.warning(plain(trouble), icon=":material/warning:")


def _group(dataset: Dataset, group: ClassGroup, image_count: int) -> None:
    """Show a group with its name, which can be changed, its classes and the button that takes it apart."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            f"Name of the group of {join_names(group.members)}",
            label_visibility="collapsed",
            **shared_value(f"group-name-{group.members[0]}", group.name, partial(_rename, dataset, group.name)),
            width=200,
        )
        st.button("Ungroup", key=f"ungroup-{group.members[0]}", on_click=_take_apart, args=(group.name,))
        st.caption(f"{plain(join_names(group.members))} · {counted(image_count, 'image')}")


def _new_group(dataset: Dataset) -> None:
    number = st.session_state.get(ROUND, 0)
    with st.form(f"new-group-{number}", border=False):
        st.multiselect(
            "Classes to group",
            list(dataset.category_names),
            key=f"group-members-{number}",
            placeholder="Type to search",
            help="The first one gives the group its id. Groups can be merged with other classes.",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name of the new group", key=f"group-name-{number}", placeholder="vehicle", width=200)
            st.form_submit_button(
                "Group", icon=":material/merge:", on_click=_make, args=(dataset, number), key=f"group-{number}"
            )


def _make(dataset: Dataset, number: int) -> None:
    name, members = st.session_state[f"group-name-{number}"].strip(), st.session_state[f"group-members-{number}"]
    if not members:
        st.session_state[TROUBLE] = "Select the classes to group first."
    elif _choose_grouped(dataset, name, tuple(members)):
        st.session_state[ROUND] = number + 1


def _rename(dataset: Dataset, former: str, name: str) -> None:
    if name.strip() != former:
        _choose_grouped(dataset, name.strip(), (former,))


def _choose_grouped(dataset: Dataset, name: str, names: tuple[str, ...]) -> bool:
    """Take these classes as one from now on; return whether that can be, else it is said why not."""
    try:
        selection = with_group(state.selection(), name, names)
        grouped(dataset, selection.groups)
    except SelectionError as error:
        st.session_state[TROUBLE] = str(error)
        return False
    state.choose(selection)
    return True


def _take_apart(name: str) -> None:
    chosen: Selection = state.selection()
    if any(group.name == name for group in chosen.groups):
        state.choose(without_group(chosen, name))
