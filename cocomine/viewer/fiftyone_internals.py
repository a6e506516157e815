"""Which names inside FiftyOne does the viewer use that its documentation does not promise?

All of them are here and nowhere else, so that another version of FiftyOne needs changes in one file. Where one is
missing, importing this module fails, or `require_names` does, before anything is served; the viewer then names it,
and the gallery stands in. What makes code of a name is changed, wherever in FiftyOne that is, so that it takes the
names of `viewer.allowed_names` and no others (`close_ways_to_code`); nothing else is.
"""

import logging
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

import eta.core.utils as eta_utils
import fiftyone as fo
import fiftyone.core.aggregations as fiftyone_aggregations
import fiftyone.core.odm.utils as odm_utils
import fiftyone.core.stages as fiftyone_stages
import fiftyone.server as fiftyone_server
import fiftyone.server.query as fiftyone_query
import fiftyone.server.stage_definitions as fiftyone_stage_definitions
from fiftyone.core import odm
from fiftyone.core.session.events import StateUpdate
from fiftyone.core.state import StateDescription, build_color_scheme
from fiftyone.server.app import app as fiftyone_app
from fiftyone.server.events import dispatch_event, get_state
from starlette.exceptions import HTTPException

from cocomine.viewer.allowed_names import FIELDS, STAGE_MODULE, STAGES, disallowed_name

__all__ = ["fiftyone_app"]

STATIC = Path(next(iter(fiftyone_server.__path__))) / "static"
DOCUMENTS = (fo.Detection, fo.Detections, fo.ImageMetadata, fo.Instance)

_log = logging.getLogger(__name__)
_class_named = eta_utils.get_class


def require_names() -> None:
    """Make sure that all names are there that only a later call would miss.

    Raises:
        ImportError: one is missing.
    """
    required: dict[str, tuple[Any, str]] = {
        "fiftyone.Dataset._doc": (fo.Dataset, "_doc"),
        "fiftyone.core.stages.ViewStage._from_dict": (fiftyone_stages.ViewStage, "_from_dict"),
        "fiftyone.core.aggregations.Aggregation._from_dict": (fiftyone_aggregations.Aggregation, "_from_dict"),
        "fiftyone.core.odm.utils._document_registry": (odm_utils, "_document_registry"),
        "fiftyone.server.query._run_cls_error": (fiftyone_query, "_run_cls_error"),
        "fiftyone.server.stage_definitions._STAGES": (fiftyone_stage_definitions, "_STAGES"),
        "fiftyone.core.odm.get_db_client": (odm, "get_db_client"),
        "fiftyone.core.odm.get_db_conn": (odm, "get_db_conn"),
        "fiftyone.core.odm.drop_database": (odm, "drop_database"),
    }
    fresh = StateDescription()
    for attribute in ("dataset", "view", "config", "color_scheme", "selected_samples", "selected_labels"):
        required[f"fiftyone.core.state.StateDescription.{attribute}"] = (fresh, attribute)
    for name, (owner, attribute) in required.items():
        if not hasattr(owner, attribute):
            raise ImportError(f"{name} is missing")
    if not (STATIC / "index.html").is_file():
        raise ImportError(f"{STATIC / 'index.html'} is missing")


def close_ways_to_code() -> None:
    """Let FiftyOne make code of the names in `viewer.allowed_names` alone, and its App offer no others.

    FiftyOne's own functions import any module and call any class or function of it. Decision 009 lists them all.
    """
    eta_utils.get_class = _allowed_class
    fiftyone_stages.ViewStage._from_dict = staticmethod(_allowed_stage)
    fiftyone_aggregations.Aggregation._from_dict = staticmethod(_no_aggregation)
    odm_utils._document_registry = {document.__name__: document for document in DOCUMENTS}
    fiftyone_query._run_cls_error = _no_run
    offered = [stage for stage in fiftyone_stage_definitions._STAGES if _full_name(stage) in STAGES]
    fiftyone_stage_definitions._STAGES = offered


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
    """Return the ids of the samples that are selected in the open App."""
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


def _allowed_class(class_name: str, module_name: str | None = None) -> Any:
    name = class_name if module_name is None else f"{module_name}.{class_name}"
    if name not in STAGES | FIELDS:
        _refuse(name)
    return _class_named(name)


def _allowed_stage(described: Mapping[str, Any]) -> Any:
    name, arguments = str(described["_cls"]), dict(described["kwargs"])
    stage_class: Any = getattr(fiftyone_stages, name.rpartition(".")[2]) if name in STAGES else _refuse(name)
    unknown = disallowed_name(arguments)
    if unknown is not None:
        _refuse(unknown)
    stage: Any = stage_class(**arguments)
    stage._uuid = described.get("_uuid")
    return stage


def _no_aggregation(described: Mapping[str, Any]) -> NoReturn:
    """The App names none: it asks for values and counts by fields."""
    _refuse(str(described.get("_cls")))


def _no_run(name: str) -> str:
    """The viewer's dataset has no brain runs, whose classes could be named."""
    return f"{name} is not loaded by this viewer."


def _refuse(name: str) -> NoReturn:
    _log.warning("Refused to make anything of the name %.200r.", name)
    raise HTTPException(status_code=403, detail="CocoMine's viewer does not know this name.")


def _full_name(stage_class: type) -> str:
    return f"{STAGE_MODULE}.{stage_class.__name__}"
