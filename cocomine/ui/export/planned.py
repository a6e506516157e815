"""The plan of an export, kept between runs of the page: to divide 118,287 images takes two seconds."""

from cocomine.exporting.planning.plan import ExportPlan, plan_export
from cocomine.mining.selection.recipe import Recipe
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import DATASETS, View, of_files


def planned(view: View, recipe: Recipe, *, min_images: int) -> ExportPlan:
    """Return what a recipe gives on the dataset in view."""
    folders = tuple(str(split.image_folder) for split in view.dataset.splits)
    return _planned(view, recipe, min_images, folders)


@cached(of_files, most=DATASETS, spinner="Dividing the images …")
def _planned(view: View, recipe: Recipe, min_images: int, folders: tuple[str, ...]) -> ExportPlan:
    del folders  # only a key
    return plan_export(view.dataset, recipe, min_images=min_images)
