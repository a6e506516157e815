"""CocoMine: see which classes of a COCO dataset interfere, take the ones you need, test if it helped."""

__version__ = "0.1.0"
