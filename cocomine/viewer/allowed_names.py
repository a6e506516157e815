"""Which names may a request bring that FiftyOne, or its database, makes code of?

FiftyOne makes the stages of a view, the aggregations of a view and the parts of a page's layout from whatever class or
function of Python a request names, and passes on to MongoDB whatever operators stand in it. So every name is looked up
here, twice: when a request comes in (`viewer.routes`, in the whole of its JSON, whatever its shape) and where FiftyOne
makes something of a name (`viewer.fiftyone_internals`, whatever the way it came). What is not listed is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def _named(prefix: str, words: str) -> frozenset[str]:
    return frozenset(prefix + word for word in words.split())


STAGE_MODULE = "fiftyone.core.stages"
STAGES = _named(
    f"{STAGE_MODULE}.",
    """
    Exclude ExcludeFields ExcludeLabels Exists FilterField FilterLabels Limit LimitLabels Match MatchLabels MatchTags
    Select SelectFields SelectLabels Shuffle Skip SortBy Take ToPatches
    """,
)
"""What narrows or orders a view. Not here: what writes files or fields, joins collections or runs a pipeline."""

LAYOUT = frozenset({"Space", "Panel"})
"""Parts of the page, of which the App sends the layout."""

FIELDS = _named(
    "fiftyone.core.",
    """
    fields.ArrayField fields.BooleanField fields.DateTimeField fields.DictField fields.EmbeddedDocumentField
    fields.FloatField fields.IntField fields.ListField fields.ObjectIdField fields.StringField
    labels.Attribute labels.Detection labels.Detections metadata.ImageMetadata metadata.Metadata
    """,
)
"""Of which the viewer's own dataset, and a view of its patches, is made."""

OPERATORS = _named(
    "$",
    """
    abs acos acosh add all and arrayElemAt asin asinh atan atanh avg ceil concat concatArrays cond cos cosh date
    dayOfMonth dayOfWeek dayOfYear divide elemMatch eq exists exp expr filter first floor gt gte hour ifNull in
    indexOfArray isArray isNumber last let literal ln log lt lte ltrim map max mergeObjects millisecond min minute mod
    month multiply ne nin nor not numberDouble numberInt numberLong oid or pow reduce regexMatch replaceAll reverseArray
    round rtrim second setDifference setEquals setIntersection setIsSubset setUnion sin sinh size slice split sqrt
    stdDevPop stdDevSamp strLenBytes substrBytes subtract sum switch tan tanh toBool toDate toDouble toInt toLower
    toObjectId toString toUpper trim trunc type week year zip
    """,
)
"""Which compute a value of one document: those of FiftyOne's own expressions but `$function`, and of extended JSON."""

GRAPHQL = _named(
    "",
    """
    DatasetPageQuery DatasetsPaginationQuery IndexPageQuery aggregateQuery aggregationsQuery configQuery
    countValuesQuery datasetQuery histogramValuesQuery lightningQuery mainSampleQuery paginateSamplesQuery
    savedViewsFragmentQuery searchSelectFieldsMutation setColorSchemeMutation setDatasetMutation
    setFieldVisibilityStageMutation setGroupSliceMutation setLabelSelectionStyleMutation setSampleMutation
    setSampleSelectionStyleMutation setSelectedLabelsMutation setSelectedMutation setSelectedSamplesMutation
    setSidebarGroupsMutation setSpacesMutation setViewMutation
    """,
)
"""Documents of the App; not those that keep, rename or delete a saved view, on which our pages rely."""

READING_OPERATORS = _named("@voxel51/operators/", "get_label_schemas list_workspaces")
"""Which the App calls by itself."""

EXTENSIONS = frozenset({"extended", "extendedStages", "extended_stages"})
"""Fields of a request whose keys are names of stages."""


def disallowed_name(value: Any) -> str | None:
    """Return the first name in some JSON that is in none of the lists, and None where all are."""
    return next((name for name in _names_in(value) if not _is_allowed(name)), None)


def _is_allowed(name: str) -> bool:
    return name in STAGES or name in LAYOUT or name in OPERATORS


def _names_in(value: Any) -> Iterator[str]:
    """Yield what names a class or an operator: `_cls` in any case, the keys of stages, and keys that begin with $."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield from filter(None, (_name_in(key, content) for key, content in part.items()))
            yield from _stages_added(part)
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)


def _name_in(key: Any, content: Any) -> str | None:
    if str(key).lower() == "_cls":  # eta.core.serial calls a class by `_CLS`
        return str(content) if key == "_cls" else str(key)
    return str(key) if str(key).startswith("$") else None


def _stages_added(part: Mapping[str, Any]) -> Iterator[str]:
    for field in EXTENSIONS & part.keys():
        if isinstance(part[field], Mapping):
            yield from part[field]
