"""Which names inside FiftyOne does the viewer use that its documentation does not promise?

All of them are here and nowhere else, so that another version of FiftyOne has one place to be fitted to. Where one is
missing, importing this module fails, or `require_names` does, before anything is served; the viewer then says which,
and the gallery stands in. Two of them are changed: what a request may make of a class name in it (see
`_stage_from_dict`), and nothing else.
"""

from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any

import fiftyone as fo
import fiftyone.core.stages as fiftyone_stages
import fiftyone.server as fiftyone_server
from fiftyone.core import odm
from fiftyone.core.session.events import StateUpdate
from fiftyone.core.state import StateDescription, build_color_scheme
from fiftyone.server.app import app as fiftyone_app
from fiftyone.server.events import dispatch_event, get_state

__all__ = ["fiftyone_app"]

STATIC = Path(next(iter(fiftyone_server.__path__))) / "static"
REFUSED_STAGES = frozenset({"Mongo"})
"""What the App does not need for looking; a pipeline of one's own could write to other databases."""


def require_names() -> None:
    """Make sure that all names are there that only a later call would miss, and close the way to other classes.

    Raises:
        ImportError: one is missing.
    """
    wanted: dict[str, tuple[Any, str]] = {
        "fiftyone.Dataset._doc": (fo.Dataset, "_doc"),
        "fiftyone.core.stages.ViewStage._from_dict": (fiftyone_stages.ViewStage, "_from_dict"),
        "fiftyone.core.odm.get_db_client": (odm, "get_db_client"),
        "fiftyone.core.odm.get_db_conn": (odm, "get_db_conn"),
        "fiftyone.core.odm.drop_database": (odm, "drop_database"),
    }
    fresh = StateDescription()
    for attribute in ("dataset", "view", "config", "color_scheme", "selected_samples", "selected_labels"):
        wanted[f"fiftyone.core.state.StateDescription.{attribute}"] = (fresh, attribute)
    for name, (owner, attribute) in wanted.items():
        if not hasattr(owner, attribute):
            raise ImportError(f"{name} is missing")
    if not (STATIC / "index.html").is_file():
        raise ImportError(f"{STATIC / 'index.html'} is missing")
    fiftyone_stages.ViewStage._from_dict = staticmethod(_stage_from_dict)


def dataset_id(dataset: fo.Dataset) -> str:
    """Return the id by which the App's page knows a dataset."""
    return str(attrgetter("_doc.id")(dataset))


async def tell_app(dataset: fo.Dataset, view: fo.DatasetView) -> None:
    """Let the open App show `view`, with nothing selected, without a reload."""
    state = get_state()
    state.dataset, state.view = dataset, view
    state.selected_samples, state.selected_labels = [], []
    state.color_scheme = build_color_scheme(None, dataset, state.config)
    await dispatch_event(None, StateUpdate(state=state))


def selected_sample_ids() -> list[str]:
    """Return the ids of the samples that are ticked in the open App."""
    return [sample["id"] for sample in get_state().selected_samples]


def database_names() -> list[str]:
    """Return the names of all databases of the MongoDB that is used."""
    return list(odm.get_db_client().list_database_names())


def recount() -> None:
    """Let the database count its documents anew: one that was killed may call a full collection empty.

    The App asks for that number and shows no grid where it is 0.
    """
    database = odm.get_db_conn()
    for name in database.list_collection_names():
        database.command("validate", name)


def drop_database(name: str | None = None) -> None:
    """Drop a database, by default the one that FiftyOne uses here."""
    if name is None:
        odm.drop_database()
    else:
        odm.get_db_client().drop_database(name)


def _stage_from_dict(described: Mapping[str, Any]) -> Any:
    """Return the stage of a view that a request describes.

    FiftyOne's own would call any class or function of Python by its name. This one takes what
    `fiftyone.core.stages` defines, but for `REFUSED_STAGES`.
    """
    module, _, name = str(described["_cls"]).rpartition(".")
    stage_class: Any = getattr(fiftyone_stages, name, None) if module == fiftyone_stages.__name__ else None
    is_stage = isinstance(stage_class, type) and issubclass(stage_class, fiftyone_stages.ViewStage)
    if not is_stage or name in REFUSED_STAGES:
        raise ValueError(f"{described['_cls']} is no stage of a view.")
    stage: Any = stage_class(**dict(described["kwargs"]))
    stage._uuid = described.get("_uuid")
    return stage
