"""What can be expected of so many training images? Published results of others, with the export's place among them."""

import streamlit as st

from cocomine.training.runs.expectation import CURVES, SOURCE, expected_words
from cocomine.wording import counted, percent


def expectation_card(image_count: int) -> None:
    """Say what published networks reached with as few training images as an export has.

    Args:
        image_count: of its training split.
    """
    own = counted(image_count, "training image")
    with st.expander(f"What can {own} give?", icon=":material/trending_up:", key="expectation"):
        for curve in CURVES:
            reached = " · ".join(f"{count:,}: {percent(value, decimals=1)}" for count, value in curve.points)
            st.markdown(
                f"**{curve.data}** ({curve.network}), mIoU by training images: {reached}.  \n"
                f":material/my_location: Your {own}: {expected_words(curve, image_count)}."
            )
        st.caption(
            f"Trained on these images alone, from ImageNet weights, mIoU with background, VOC at 321 px "
            f"([UniMatch]({SOURCE}), rows SupBaseline). Your classes, image size and network differ, so this says how "
            "a result grows with images, not what yours will be: twice the images gave 4 to 10 points."
        )
