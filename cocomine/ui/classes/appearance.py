"""How one class appears in its images, as five small figures side by side."""

import streamlit as st

from cocomine.charts.appearance import area_share_figure, aspect_figure, location_figure, per_image_figure, size_figure
from cocomine.charts.theme import Figure
from cocomine.mining.statistics.appearance import LocationMap
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_dataset
from cocomine.wording import counted

LOCATION, SIZE, SHARE, PER_IMAGE, ASPECT = (
    "Location in the image",
    "Object size",
    "Share of image area",
    "Objects per image",
    "Aspect ratio",
)


def appearance_figures(view: View, name: str, size_px: int, *, key: str) -> None:
    """Show location, size, count per image and aspect ratio of a class with at least one object.

    Args:
        key: prefix of the figures' keys; one for each section that shows them.
    """
    figures = _figures_of(view, name, size_px, st.context.theme.type or "light")
    where, left, right = st.columns([4, 3, 3], gap="medium")
    with where:
        _show(figures, LOCATION, name, key)
        _location_caption(view.appearance(name, size_px).location)
    with left:
        _show(figures, SIZE, name, key)
        _show(figures, PER_IMAGE, name, key)
    with right:
        _show(figures, SHARE, name, key)
        _show(figures, ASPECT, name, key)


@cached(of_dataset)
def _figures_of(view: View, name: str, size_px: int, theme: str) -> dict[str, Figure | None]:
    """Return the figures of a class by title, None where its objects lack the numbers; shared, so never changed."""
    look, colour = view.appearance(name, size_px), view.colours[name]
    has_areas, has_aspects = look.image_sizes.any(), look.log2_aspects.counts.any()
    return {
        LOCATION: location_figure(look.location, theme=theme) if look.location.shares.any() else None,
        SIZE: size_figure(look, theme=theme) if has_areas else None,
        SHARE: area_share_figure(look, colour=colour) if has_areas else None,
        PER_IMAGE: per_image_figure(look, colour=colour),
        ASPECT: aspect_figure(look, colour=colour) if has_aspects else None,
    }


def _show(figures: dict[str, Figure | None], title: str, name: str, key: str) -> None:
    st.markdown(f"**{title}**")
    figure = figures[title]
    if figure is None:
        st.caption("Unknown: the objects have no boxes.")
    else:
        st.plotly_chart(figure, key=f"{key}-{title}", config={"displayModeBar": False}, alt=f"{title}: {name}")


def _location_caption(location: LocationMap) -> None:
    if not location.shares.any():
        return
    left_out_count = location.left_out_count
    st.caption(
        "Heat map of box positions over all images."
        + (f" {counted(left_out_count, 'object')} without a box left out." if left_out_count else "")
    )
