"""Published numbers beside a run: solid only where every condition is the run's own, else hatched with what differs."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.claim.cards import WITHOUT_BACKGROUND, Card, Cards, Mismatch, comparability, read_cards, run_conditions
from cocomine.training.runs.comparison import score
from cocomine.training.runs.reading import Run
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.exports_and_runs import all_runs
from cocomine.wording import percent, plain


def cards_section() -> None:
    """Show all cards beside the run that is chosen."""
    folder = state.workspace().cards
    read = _cards(files_of(folder, sorted(folder.glob("*.y*ml"))))
    st.header("Comparability cards")
    st.caption(
        "Solid: measured as the run was, on the same images and classes. Hatched: no comparison; what differs is said. "
        f"Your own cards are YAML files in {plain(str(folder))}."
    )
    for fault in read.faults:
        st.warning(plain(fault), icon=":material/broken_image:")
    runs = {str(run.folder): run for run in all_runs()[0] if score(run) is not None and run.info is not None}
    if not runs:
        st.info("The cards appear here beside your first evaluated run.", icon=":material/model_training:")
        return
    chosen = st.selectbox("Beside the run", list(runs), format_func=lambda path: Path(path).name, key="cards-run")
    _beside(runs[chosen], read.cards)


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
    with st.container(border=True, height="stretch", key=f"{kind}-{key}"):
        st.markdown(f"**{card.value:.1f} %** {plain(card.result)}")
        st.caption(plain(card.source))
        if not differences:
            st.caption(":material/check: The same in every condition")
        for difference in differences:
            st.caption(f":material/block: {plain(difference.words)}")


@cached(same_files, most=4)
def _cards(files: Files) -> Cards:
    return read_cards(files.root)
