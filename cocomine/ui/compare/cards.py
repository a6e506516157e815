"""Published numbers: solid beside a run only where every condition is the run's own, else hatched with what differs."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cocomine.claim.cards import (
    WITHOUT_BACKGROUND,
    Card,
    Cards,
    Mismatch,
    add_card,
    comparability,
    condition_words,
    read_cards,
    run_conditions,
)
from cocomine.training.runs.reading import Run
from cocomine.training.runs.run_scores import score
from cocomine.ui.said import Said, said_once, said_where_it_fails, say
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.exports_and_runs import all_runs
from cocomine.wording import percent, plain

SAID = "cards-said"
EXAMPLE = """\
result: LinkNet, our own
value: 41.5
data: COCO 2017
split: val
images: 240
classes: [bus, car]
measure: mIoU without background
input: 128 px
source: https://example.org/results
"""
"""Of a person's own card."""


def published_results() -> None:
    """Show all cards, beside the run that is chosen."""
    folder = state.workspace().cards
    read = _cards(files_of(folder, sorted(folder.glob("*.y*ml"))))
    st.header("Published results")
    st.caption(
        "Solid: measured as the run was, on the same images and classes. Hatched: not comparable; what differs is said."
    )
    for fault in read.faults:
        st.warning(plain(fault), icon=":material/broken_image:")
    said_once(SAID)
    _own_card(folder)
    runs = {str(run.folder): run for run in all_runs()[0] if score(run) is not None and run.info is not None}
    if not runs:
        st.info("What differs is said here beside your first evaluated run.", icon=":material/model_training:")
        _alone(read.cards)
        return
    chosen = st.selectbox("Beside the run", list(runs), format_func=lambda path: Path(path).name, key="cards-run")
    _beside(runs[chosen], read.cards)


def _own_card(folder: Path) -> None:
    """Offer to add a card of one's own."""
    with st.expander("Add a card of your own", icon=":material/add:", key="cards-own"):
        st.caption(
            "A YAML file with these keys; null is what the source does not state. Cards are kept in "
            f"{plain(str(folder))}, where you can change and delete them."
        )
        st.code(EXAMPLE, language="yaml")
        upload = st.file_uploader("Card", ["yaml", "yml"], key="cards-file")
        if upload is not None:
            icon = ":material/add:"
            st.button("Add card", icon=icon, key="cards-add", on_click=_add, args=(folder, upload))


def _add(folder: Path, upload: UploadedFile) -> None:
    with said_where_it_fails(SAID):
        card = add_card(folder, upload.name, upload.getvalue())
        say(SAID, Said(sentence=f"{card.value:.1f} %, {card.result}: is among the cards now."))


def _beside(run: Run, cards: Sequence[Card]) -> None:
    line = score(run)
    if line is None or run.info is None or line.mean_iou is None:
        st.info("This run has no mIoU to compare.", icon=":material/info:")
        return
    conditions = run_conditions(run.info, line, WITHOUT_BACKGROUND)
    st.markdown(f"**{plain(run.folder.name)}**: mIoU {percent(line.mean_iou, decimals=1)}, {WITHOUT_BACKGROUND}")
    differences = [comparability(card, conditions) for card in cards]
    order = sorted(range(len(cards)), key=lambda index: len(differences[index]))
    with st.grid("auto", min_column_width=280, gap="small"):
        for index in order:
            _card(cards[index], differences[index], key=f"card-{index}")


def _card(card: Card, differences: Sequence[Mismatch], *, key: str) -> None:
    kind = "hatched" if differences else "solid"
    with _number(card, key=f"{kind}-{key}"):
        if not differences:
            st.caption(":material/check: The same in every condition")
        for difference in differences:
            st.caption(f":material/block: {plain(difference.words)}")


def _alone(cards: Sequence[Card]) -> None:
    """Show cards without a run: none is a comparison, and each says how it was measured."""
    with st.grid("auto", min_column_width=280, gap="small"):
        for index, card in enumerate(cards):
            with _number(card, key=f"hatched-card-{index}"):
                st.caption(plain(condition_words(card)))


def _number(card: Card, *, key: str) -> DeltaGenerator:
    """Begin the box of a card: its number, whose it is, and where it stands."""
    box = st.container(border=True, height="stretch", key=key)
    box.markdown(f"**{card.value:.1f} %** {plain(card.result)}")
    box.caption(plain(card.source))
    return box


@cached(same_files, most=4)
def _cards(files: Files) -> Cards:
    return read_cards(files.root)
