import streamlit as st

from cocomine.charts.training_curves import Axes, Curve, Reference, curve_chart
from cocomine.training.runs.comparison import (
    PERCENT_COLUMNS,
    baseline_sentence,
    comparable_groups,
    comparison_table,
    few_images_notice,
)
from cocomine.training.runs.published import NOT_COMPARABLE
from cocomine.ui.navigation import page_heading, page_path
from cocomine.ui.percent_columns import percent_config, percent_rows
from cocomine.ui.session.exports_and_runs import (
    all_exports,
    all_runs,
    exports_in_order,
    is_of,
    present_sources,
    sources_of_run,
)
from cocomine.ui.train.run_panel import damaged_list
from cocomine.wording import plain

page_heading("compare")
runs, damaged = all_runs()
damaged_list(damaged, runs)
groups = comparable_groups(runs)
if not groups:
    with st.container(border=True):
        st.header("No run to compare yet")
        st.write("A run appears here, beside the others, after its first evaluation.")
        st.page_link(page_path("train"), label="Train a model", icon=":material/arrow_forward:")
    st.stop()

st.caption("Runs are grouped by identical validation images and classes. Baseline = empty prediction.")
present = present_sources()
entries = exports_in_order(all_exports(), present)
belongs = [is_of(sources_of_run(group.runs[0], entries), present) for group in groups]
for title, is_present in (("Runs of the open dataset", True), ("Runs of other datasets", False)):
    shown = [group for group, is_ours in zip(groups, belongs, strict=True) if is_ours is is_present]
    if shown:
        st.header(title if present else "Runs")
    elif is_present:
        st.info("No run was trained on the open dataset yet.", icon=":material/show_chart:")
    for group in shown:
        with st.container(border=True):
            st.markdown(f"**{plain(group.title)}**")
            st.dataframe(
                percent_rows(comparison_table(group), PERCENT_COLUMNS),
                hide_index=True,
                column_config={"run": st.column_config.TextColumn(pinned=True)} | percent_config(PERCENT_COLUMNS),
                alt="Runs that can be compared",
            )
            st.caption(baseline_sentence(group))
            if notice := few_images_notice(group.image_count):
                st.caption(f":material/info: {notice}")
            curves = {
                run.folder.name: Curve.of([(line.step, line.mean_iou) for line in run.metrics.evaluations])
                for run in group.runs
            }
            st.plotly_chart(
                curve_chart(
                    curves,
                    Axes(y_title="mIoU (your classes)", y_end=1.0, y_format=".0%"),
                    Reference(floors={"empty prediction": 0.0}),
                ),
                key=f"compare-{group.runs[0].folder}",
                config={"displayModeBar": False},
                alt="mIoU of the runs over training steps",
            )

st.header("Published results (not comparable)")
st.caption("Measured on other images, with other classes or by another measure, so they are in no chart here.")
with st.grid("auto", min_column_width=300, gap="small"):
    for published in NOT_COMPARABLE:
        with st.container(border=True, height="stretch"):
            st.markdown(f"**{published.result}**")
            st.caption(f"**Data and classes:** {published.data}")
            st.caption(f"**Measure:** {published.measure}")
            st.caption(f":material/block: {published.why_not}")
