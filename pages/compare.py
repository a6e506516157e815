import streamlit as st

from cocomine.charts.training_curves import curve_chart
from cocomine.training.runs.verdict import few_images_notice, score
from cocomine.ui.compare.comparison import NOT_COMPARABLE, comparable_groups, group_title, rows
from cocomine.ui.navigation import ensure_app_ran, page_path
from cocomine.ui.session.belonging import exports_in_order, is_of, present_sources, sources_of_run
from cocomine.ui.train.new_run import known_exports
from cocomine.ui.train.run_panel import all_runs, curve, damaged_list

ensure_app_ran()
st.title("Compare")
found, damaged = all_runs()
damaged_list(damaged, found)
runs = [run for run in found if score(run) is not None and run.facts]
if not runs:
    with st.container(border=True):
        st.subheader("There is no run to compare yet")
        st.write("As soon as a run has been evaluated once, it stands here beside the others.")
        st.page_link(page_path("train"), label="Train a network", icon=":material/arrow_forward:")
    st.stop()

st.caption(
    "Runs share a table and a chart only if they were judged on the same images and classes. "
    "“For nothing” is what a network scores that finds nothing at all."
)
present = present_sources()
entries = exports_in_order(known_exports(), present)
groups = comparable_groups(runs)
belongs = [is_of(sources_of_run(group[0], entries), present) for group in groups]
for title, is_wanted in (("", True), ("Runs of other datasets", False)):
    chosen = [group for group, is_ours in zip(groups, belongs, strict=True) if is_ours is is_wanted]
    if title and chosen:
        st.subheader(title)
    if not title and not chosen:
        st.info("No run was trained on the open dataset yet.", icon=":material/show_chart:")
    for group in chosen:
        with st.container(border=True):
            st.markdown(f"**{group_title(group)}**")
            st.dataframe(
                rows(group),
                hide_index=True,
                column_config={
                    name: st.column_config.NumberColumn(format="percent")
                    for name in ("class mIoU", "Eq. 2 (paper)", "Eq. 2 for nothing", "pixel accuracy")
                },
                alt="Runs that can be compared",
            )
            if notice := few_images_notice(rows(group)[0]["images judged"]):
                st.caption(f":material/info: {notice}")
            curves = {run.folder.name: curve(run.lines("eval"), "mean_iou") for run in group}
            st.plotly_chart(
                curve_chart(curves, y_title="class mIoU", floors={"predict nothing": 0.0}, highest=1.0),
                key=f"compare-{group[0].folder}",
                config={"displayModeBar": False},
                alt="Class mIoU of the runs over training steps",
            )

st.subheader("And the published numbers?")
st.caption("They were measured on other images, other classes or by another measure, so they are in no chart here.")
with st.grid("auto", min_column_width=300, gap="small"):
    for published in NOT_COMPARABLE:
        with st.container(border=True):
            st.markdown(f"**{published.result}**")
            st.caption(f"**Data and classes:** {published.data}")
            st.caption(f"**Measure:** {published.measure}")
            st.caption(f":material/block: {published.why_not}")
