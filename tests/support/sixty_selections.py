"""Selections from the sixty images that tests of mining share, and what else they ask for in them."""

from typing import Any

import numpy as np

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.selection import Mode, Selection

PETS = ClassGroup(name="pet", members=("cat", "dog"))
SEATS = ClassGroup(name="furniture", members=("dining table",))
EXCLUDED = (("train2017", 1000), ("val2017", 1000 - 7 * 50))
ATTRIBUTION = ("Attribution License", "not named")
STREET, KITCHEN = ("car", "bus", "traffic light"), ("cup", "dining table", "fork")
SELECTIONS = {
    "nothing": Selection(),
    "street, any": Selection(classes=STREET),
    "street, all": Selection(classes=STREET, mode=Mode.ALL),
    "street, only": Selection(classes=("car", "bus"), mode=Mode.ONLY),
    "kitchen without people": Selection(classes=KITCHEN, excluded_classes=("person",)),
    "two licences": Selection(classes=("person", "dog"), licences=ATTRIBUTION),
    "no licence": Selection(classes=("person",), licences=()),
    "groups": Selection(classes=("pet", "furniture"), groups=(PETS, SEATS)),
    "groups, all": Selection(classes=("pet", "person"), groups=(PETS, SEATS), mode=Mode.ALL),
    "minimum area": Selection(classes=("traffic light", "cup"), limits=Limits(min_area_px=30)),
    "no crowds": Selection(classes=("zebra", "person"), limits=Limits(crowd=Crowd.IGNORE)),
    "cap of images": Selection(classes=("person", "car", "fork"), limits=Limits(cap=5)),
    "cap of objects": Selection(classes=("person", "car", "fork"), limits=Limits(cap=9, counted=Counted.OBJECTS)),
    "balance": Selection(classes=("person", "car", "fork"), limits=Limits(balance=1.5)),
    "balance of objects, another seed": Selection(
        classes=("person", "bus"), limits=Limits(balance=1.2, counted=Counted.OBJECTS, seed=7)
    ),
    "negatives": Selection(classes=("bus",), limits=Limits(negatives=0.6)),
    "more negatives than there are": Selection(classes=("person", "car", "cup"), limits=Limits(negatives=0.9)),
    "all limits": Selection(
        classes=("person", "car", "pet"),
        excluded_classes=("laptop",),
        groups=(PETS,),
        licences=("Attribution License", "Attribution-NonCommercial License", "No known copyright restrictions"),
        limits=Limits(min_area_px=12, crowd=Crowd.IGNORE, cap=8, balance=2.0, negatives=0.25, seed=3),
    ),
}


def sizes_of(dataset: Dataset) -> Any:
    """Bytes of each image's file, made up."""
    return 1000 + 37 * np.arange(dataset.image_count)
