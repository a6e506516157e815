"""Which share of each class does each split of an export get? Shown before it is written."""

import streamlit as st

from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.split_shares import ClassCounts, SplitShares, shares_sentence
from cocomine.ui.percent_columns import percent_config
from cocomine.wording import plain

MOST_ROWS_SHOWN = 8
ROW_PX = 35


def split_table(plan: ExportPlan) -> None:
    """Show how much of each class each split gets, in shares of the images, images and objects."""
    shares = plan.shares
    with st.container(border=True, key="split-shares"):
        st.markdown("**Split**")
        st.markdown(plain(shares_sentence(shares)))
        st.dataframe(
            [{"class": each.name} | _cells(shares, each) for each in shares.classes],
            hide_index=True,
            height=ROW_PX * (min(len(shares.classes), MOST_ROWS_SHOWN) + 1) + 3,
            column_config=percent_config([f"{name}, share" for name in shares.splits]),
        )


def _cells(shares: SplitShares, counts: ClassCounts) -> dict[str, float | None]:
    """Return a class' row, by column: shares of the images in percent first, since they are what is compared."""
    reached, splits = shares.shares(counts.image_counts), shares.splits
    return {
        **{f"{name}, share": reached[name] * 100 if reached else None for name in shares.compared},
        **{f"{name}, images": count for name, count in zip(splits, counts.image_counts, strict=True)},
        **{f"{name}, objects": count for name, count in zip(splits, counts.object_counts, strict=True)},
    }
