"""Which label maps show background alone, though their image has an object that should be seen?

Records may say that there is a mask where nothing is drawn: a run-length code without a pixel, points on a line or far
outside the image. Such a map is as the plan says, and teaches that nothing is there.
"""

from collections.abc import Sequence

import numpy as np

from cocomine.exporting.image_writing import WrittenLabels
from cocomine.exporting.label_file_checks import LEAST_SEEN_PX
from cocomine.exporting.layout import label_place
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan, masks_in_maps
from cocomine.labels.table import IGNORED_LABEL
from cocomine.mining.selection.selection import SubsetSplit

MOST_NAMED = 3


def bare_map_sentences(plan: ExportPlan, labels: Sequence[WrittenLabels]) -> list[str]:
    """Return in a sentence how many label maps show background alone and should not; none where all are well.

    Args:
        labels: as they were written.
    """
    if "masks" not in plan.recipe.formats:
        return []
    shown = {path: file.shown for batch in labels for path, file in batch.files.items()}
    paths = [path for part in plan.parts for path in _maps_with_objects(plan, part)]
    bare = [path for path in paths if (found := shown.get(path)) is not None and not found.values - {IGNORED_LABEL}]
    if not bare:
        return []
    more = ", …" if len(bare) > MOST_NAMED else ""
    return [
        f"Label maps that show background alone, though their images have objects with masks: {len(bare):,} of "
        f"{len(paths):,} ({', '.join(bare[:MOST_NAMED])}{more}). Look at what check says about these masks."
    ]


def _maps_with_objects(plan: ExportPlan, part: SubsetSplit) -> list[str]:
    """Return the label maps in which an object that is not ignored should be seen, by its record."""
    split, (objects, covered_px) = part.split, masks_in_maps(plan, part)
    columns, ignored = split.annotations, plan.table.ignored_category_ids
    is_learnt = ~np.isin(split.category_ids, ignored)[columns.category_index[objects]]
    owners = set(columns.image_index[objects[is_learnt & (covered_px >= LEAST_SEEN_PX)]].tolist())
    images = [index for index in np.unique(part.image_index).tolist() if index in owners]
    return [label_place(split.name, exported_name(split, index)) for index in images]
