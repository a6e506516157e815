"""What does CocoMine say about each kind of flaw?

The words of the integrity report stand here, one flaw for each code: its severity, a
title, what is wrong, and how CocoMine handles it. A sentence may hold {facts} that
are filled in where the flaw is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Severity(StrEnum):
    """How much a flaw can spoil a training, the worst first."""

    ERROR = "error"
    """it does"""
    WARNING = "warning"
    """it may"""
    INFO = "info"
    """it does not"""


SEVERITY_WORDS = {
    Severity.ERROR: "Errors",
    Severity.WARNING: "Warnings",
    Severity.INFO: "Info",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One kind of flaw in words.

    Attributes:
        severity: how much it can spoil a training.
        title: a few words in the plural.
        sentence: what is wrong.
        action: how CocoMine handles it, and what a person can do.
    """

    severity: Severity
    title: str
    sentence: str
    action: str


_error, _warning, _info = (partial(Flaw, severity) for severity in Severity)

FLAWS: Mapping[str, Flaw] = {
    # The files as a whole
    "file_skipped": _info(
        "Files without instances",
        "JSON files that are no instance annotations.",
        "CocoMine passes over them and opens the others.",
    ),
    "no_image_folder": _error(
        "Splits without an image folder",
        "None of the images was found. Searched: {searched}{near}.",
        "Statistics and JSON exports work, images and training do not. Name the folder that holds the images: "
        "“Choose image folder” on the page Data, or --image-folder [SPLIT=]PATH on the command line. A folder named "
        "like the split, beside “annotations”, is found by itself.",
    ),
    "several_image_folders": _warning(
        "Splits whose images are in several folders",
        "Files of the same names are in {folder}, which is read, and in {others}.",
        "Their names do not tell which of them the annotations are of: the one that was named is read, or else the "
        "first. Name it if it is another: “Choose image folder” on the page Data, or --image-folder [SPLIT=]PATH on "
        "the command line.",
    ),
    "no_image": _error(
        "Splits without images",
        "Its list “images” is empty.",
        "There is nothing in it to select, to export or to train on.",
    ),
    "images_at_address": _info(
        "Images that are not on this computer",
        "The images are fetched from {address} as they are needed.",
        "The files are not looked at here, and FiftyOne shows those that were fetched before. To check them, export "
        "the subset and check the export.",
    ),
    "leak_between_splits": _error(
        "Images in two splits",
        "The same image, by its name and its id or size, is in {first} and in {second}. A network that was trained on "
        "it is not tested by it: the scores come out too good.",
        "CocoMine keeps the splits as they are. Exclude these images from one of them, or open one split alone and let "
        "CocoMine divide it.",
    ),
    "long_member": _info(
        "Members of more than a megabyte",
        "The value of “info” or “licenses” takes more than a megabyte; the examples give its bytes.",
        "CocoMine leaves it out, here and in exports: without “licenses”, the images' licences count as not stated. "
        "Shorten it if you need it.",
    ),
    # Categories
    "unused_category": _info(
        "Categories without annotations",
        "No annotation of the dataset names them.",
        "They stay in the lists and can be selected, and give nothing.",
    ),
    "category_id_zero": _info(
        "Categories with id 0",
        "Many tools take 0 for the background and would never learn this class.",
        "CocoMine counts its labels itself, so the class is safe here; exported records keep the id.",
    ),
    "category_name_blanks": _info(
        "Class names with blanks at the ends",
        "They begin or end with a blank, or have no other character.",
        "They can be selected, on the command line also without the blanks where no other class is meant. Tools that "
        "trim names do not find them; exports keep the names as they are.",
    ),
    "twin_category": _info(
        "Unused categories with the name of another",
        "Another category has the same name, and no annotation names this one; both ids are shown.",
        "CocoMine leaves the unused one out, here and in exports.",
    ),
    # Image records
    "image_without_annotations": _warning(
        "Images without annotations",
        "They may be empty, or simply not labelled.",
        "CocoMine counts them and never takes them for images of a class. Look at some before you use them as images "
        "with nothing in them.",
    ),
    "duplicate_file_name": _error(
        "File names that several images have",
        "Several image records share one image file, so the annotations of each lack those of the others.",
        "All records stay. An export with image files or label maps refuses them, because one file would take "
        "the other's place.",
    ),
    "duplicate_file_stem": _warning(
        "Images that differ in the ending of their names alone",
        "Label maps and texts are named like their image but for the ending, so a.jpg and a.png would share one.",
        "An export with label maps, YOLO or Pascal VOC keeps the first of them and refuses the others until you rename "
        "them or leave them out.",
    ),
    "file_names_alike": _warning(
        "File names that differ only in their case or accents",
        "They differ in capital letters or in how accents are stored (NFC, NFD) alone: on Windows and macOS one file "
        "takes the other's place.",
        "All images stay, here and in an export on Linux. Rename them before the files go to another system.",
    ),
    "unsafe_file_name": _warning(
        "File names that no file can have",
        "They are empty, absolute or too long, an address, climb with “..”, or hold a forbidden character.",
        "CocoMine opens no file outside the image folder. An export with files gives absolute names, addresses and "
        "names that lead back into the image folder a relative one, and refuses the other images: correct their names, "
        "or leave them out.",
    ),
    "unportable_file_name": _info(
        "File names that Windows cannot write",
        "They hold a backslash, a colon or another character that Windows does not take, or are names of its devices. "
        "Backslashes come from Windows, where they stand for “/”.",
        "They are exported as they are. Rename the files before the export goes to such a system.",
    ),
    "unknown_licence": _info(
        "Images with an unknown licence",
        "They name a licence that “licenses” does not list.",
        "The attribution file of an export calls their licence “not stated”. Find out what is allowed before you pass "
        "the images on.",
    ),
    "image_file_missing": _error(
        "Missing images",
        "Found in {folder}: {there} of {total} images; {missing} missing{near}.",
        "Only their records are exported; they are not shown and not trained on. Put the files there, and CocoMine "
        "notices it by itself; or name another folder with --image-folder, or on the page Data. A file of nearly "
        "the same name is not taken, since it may be another image: correct the name where it is the same.",
    ),
    "image_leads_out": _error(
        "Images that a link leads out of the image folder",
        "Links in {folder} lead to {targets}.",
        "CocoMine does not follow them, so that no export takes foreign files along: they are not shown, not exported "
        "and not trained on. If you trust that folder, allow it: “Allow linked folder” on the page Data, or "
        "--linked-folder PATH on the command line.",
    ),
    "image_respelled": _info(
        "Images found under another name",
        "The names of {respelled} of {total} images are written otherwise than on disk: with backslashes, folders of "
        "another computer, an address, letters of another case, the other Unicode form or percent signs.",
        "CocoMine takes the file whose name fits where there is just one. Exported records keep the written names, but "
        "for absolute ones and addresses.",
    ),
    # Annotations that the reader drops, or keeps with a remark
    "unknown_image": _warning(
        "Annotations of unknown images",
        "They name images that are not in “images”.",
        "CocoMine drops them: they are in no count and in no export.",
    ),
    "unknown_category": _warning(
        "Annotations of unknown categories",
        "They name categories that are not in “categories”.",
        "CocoMine drops them: they are in no count and in no export, and their objects become background.",
    ),
    "nothing_known": _error(
        "Splits of which all annotations are dropped",
        "No annotation names both an image of “images” and a category of “categories”, so there are no objects.",
        "Nothing of it can be selected. The ids may come from another file, or have been changed in one of the lists "
        "alone: compare “image_id” and “category_id” with the ids there.",
    ),
    "duplicate_annotation_id": _warning(
        "Annotations whose id is taken",
        "An earlier annotation has the same id. Tools that look annotations up by id, pycocotools among them, see only "
        "the last of each.",
        "CocoMine keeps them all, with their ids as they are.",
    ),
    "not_strict_json": _warning(
        "Records that are no strict JSON",
        "They hold NaN, Infinity or half a surrogate pair, which Python writes and many other programs refuse.",
        "CocoMine takes such a number for a missing one. Exported records stay as they are, so that strict readers "
        "refuse the export as well: write null instead, with the tool that wrote the file.",
    ),
    "whole_with_fraction": _info(
        "Whole numbers written with a point",
        "Ids, widths or heights are written as 1.0 or 1e2, as pandas does it where some values were missing.",
        "CocoMine reads them as whole numbers. Exported records keep the digits as they are, which some tools refuse.",
    ),
    # Boxes, areas and masks
    "annotation_without_mask": _error(
        "Annotations without a mask",
        "They have neither polygon nor run-length code, at most a box.",
        "They count as objects and are background in label maps, which teaches a network that the object is not there. "
        "Leave out classes that have only boxes.",
    ),
    "rle_misfit": _error(
        "Run-length codes of another size",
        "The “size” in their run-length code is not their image's height and width.",
        "Such a mask covers nothing: the object is background in label maps. Exported records stay as they are.",
    ),
    "rle_broken": _error(
        "Run-length codes that do not fill their mask",
        "Their runs are negative, cut short, too long or empty: together they are not the height times the width.",
        "Such a mask covers nothing: the object is background in label maps. Write these masks again with the tool "
        "that drew them; exported records stay as they are.",
    ),
    "rle_as_bytes": _error(
        "Run-length codes written as Python's bytes",
        "Their “counts” begin with b' inside the text, as str() of bytes gives it.",
        "Such a mask covers nothing: the object is background in label maps. Write the file again with "
        'counts.decode("ascii") in place of str(counts).',
    ),
    "flat_polygon": _error(
        "Polygons that lack a pair of brackets",
        "Their “segmentation” is [x, y, ...], and must be a list of polygons: [[x, y, ...]].",
        "Nothing is drawn: the object is background in label maps. Put one more pair of brackets around the numbers.",
    ),
    "unreadable_mask": _error(
        "Masks that cannot be drawn",
        "Their “segmentation” holds something else than polygons or a run-length code: texts, no numbers, lists nested "
        "too deep or too little, fewer than three points, half a point at the end, or an object without “size” and "
        "“counts”.",
        "Nothing is drawn: the object is background in label maps. Write polygons as [[x, y, x, y, x, y, ...]].",
    ),
    "empty_mask": _error(
        "Masks that cover nothing",
        "A run-length code without a pixel, polygons whose points lie on a line, or points too far away for any image.",
        "The object is background in label maps, or a line of pixels. Draw it anew, or leave its class out.",
    ),
    "odd_polygon": _warning(
        "Masks with parts that cannot be drawn",
        "A polygon has fewer than three points or half a point, beside others that are sound.",
        "The sound parts are drawn and the odd ones left out; exported records stay as they are.",
    ),
    "crowd_region": _info(
        "Crowd regions",
        "Groups drawn as one area (iscrowd 1), as COCO does it for more than about ten objects.",
        "They are counted apart, and the pixels of their masks are ignored in training.",
    ),
    "crowd_without_mask": _warning(
        "Crowd regions without a mask",
        "They have iscrowd 1 and neither polygon nor run-length code, at most a box, as in Objects365 and Open Images.",
        "Nothing of them can be ignored: they are background in label maps, which teaches a network that the group is "
        "not there. Exclude these images, or choose classes that have none.",
    ),
    "missing_box": _info(
        "Annotations without a box",
        "Their “bbox” is missing or has not four numbers.",
        "No box is drawn; a mask is used where there is one.",
    ),
    "not_a_number": _warning(
        "Boxes or areas that are no numbers",
        "Their “bbox” or “area” holds NaN or infinity.",
        "Such a box is not drawn and such an area is in no statistic; a mask is used where there is one.",
    ),
    "empty_box": _warning(
        "Empty boxes",
        "Their width or height is zero or less.",
        "The records stay in exports and no box is drawn; a mask is used where there is one.",
    ),
    "box_beyond_image": _warning(
        "Boxes that leave the image",
        "They reach more than a pixel beyond their image, so width and height in the file may be wrong.",
        "Boxes and masks are clipped at the image's border for drawing and label maps; exported records stay as they "
        "are.",
    ),
    "polygon_beyond_image": _warning(
        "Polygons that leave the image",
        "Corners lie more than a pixel beyond their image.",
        "What lies inside is drawn, and YOLO's outlines are cut at the image's border; exported records stay as they "
        "are. If all of them leave it, width and height in the file may be wrong.",
    ),
    "parts_overlap": _info(
        "Objects whose parts overlap",
        "Polygons of one object share pixels.",
        "CocoMine draws what they cover together, as COCO does. Tools that fill by the even-odd rule show holes.",
    ),
    "boxes_look_like_xyxy": _error(
        "Boxes that look like two corners",
        "They leave the image as left, top, width and height, which COCO prescribes, and fit into it as left, top, "
        "right and bottom.",
        "CocoMine reads them as COCO prescribes and changes nothing; label maps come from masks and are not affected. "
        "Correct the boxes with the tool that wrote the file.",
    ),
    "boxes_are_shares": _error(
        "Boxes that are shares of the image",
        "All boxes of the split lie between 0 and 1, as if they were parts of the image's width and height "
        "(normalised); COCO gives pixels.",
        "CocoMine reads them as pixels, so that nothing is left of the objects, at any size. Choose absolute "
        "coordinates (pixels) in the tool that wrote the file, or multiply x and width by the image's width, "
        "y and height by its height; polygons likewise.",
    ),
    "area_zero": _warning(
        "Areas of zero or less",
        "Their “area” is 0 or negative, though they have a mask, or a box that encloses something.",
        "Label maps go by the pixels of the mask instead, and a minimum area by the box; statistics go by the number "
        "as it is written, and tools that drop objects without an area lose these. Exported records stay as they are.",
    ),
    "missing_area": _info(
        "Annotations without an area",
        "Their “area” is missing or no number.",
        "Statistics take the area of the box instead, label maps the pixels of the mask. Exported records stay as they "
        "are; pycocotools' evaluation needs the area.",
    ),
    "area_beyond_box": _warning(
        "Areas larger than their box",
        "The written “area” of an object cannot be larger than its box.",
        "Exports keep the number as it is, and sizes in the statistics go by it. Label maps are painted by the "
        "pixels of the mask where the number cannot be right.",
    ),
    "area_unlike_mask": _warning(
        "Areas unlike their mask",
        "The written “area” is less than half or more than twice what the outline encloses.",
        "Exports keep the number as it is, and sizes in the statistics go by it. Label maps are painted by the "
        "pixels of the mask instead.",
    ),
    "duplicate_object": _warning(
        "Objects annotated twice",
        "An earlier annotation of the same image and class has nearly the same box (IoU above 0.95).",
        "Both stay and both are counted; in label maps they cover the same pixels.",
    ),
    "vanishes_at_128px": _warning(
        "Objects smaller than 1 px at 128 × 128",
        "They cover less than one pixel once their image is reduced to 128 × 128, the size the paper trains at.",
        "They stay in the subset, and little or nothing of them is in a label map of that size. Choose a larger one "
        "when you export, if these objects matter to you.",
    ),
    # The image files themselves
    "image_unreadable": _error(
        "Unreadable images",
        "Their files are damaged, cut short, or no images at all.",
        "They are not shown, and a training with them stops. Fetch them again, or exclude these images.",
    ),
    "image_too_large": _error(
        "Images too large to decode",
        "To decode one takes more than 400 MB of memory: more than about 100 million pixels in colour, in a format "
        "that cannot be read at a reduced size.",
        "They are not shown, and a training with them stops. Save them as JPEG that is not progressive, or cut them "
        "into tiles.",
    ),
    "image_size_differs": _error(
        "Images of another size",
        "Their width or height is not the one in the annotation file, so masks and boxes may not lie on the objects.",
        "CocoMine stretches images and label maps to the same square. That is right for an image that was only "
        "resized and wrong for one that was cropped: look at some.",
    ),
    "exif_rotation": _error(
        "Images stored lying on their side",
        "They are to be turned when shown (EXIF), and the recorded width and height are those of the turned image.",
        "CocoMine does not turn images, as COCO does not, so masks and boxes miss the objects. Store the images "
        "turned, without the EXIF entry.",
    ),
    "exif_orientation": _warning(
        "Images that some programs turn",
        "They are to be turned upside down or mirrored when shown (EXIF), and the recorded width and height fit either "
        "way.",
        "CocoMine does not turn images, as COCO does not; browsers, labelling tools and OpenCV, with which Ultralytics "
        "reads, do. Look at some with their masks: where these miss the objects, store the images turned, without the "
        "EXIF entry.",
    ),
    "deep_image": _error(
        "Images with more than 256 levels",
        "They store 16 bits or more for each pixel, as microscopes and scanners do.",
        "CocoMine divides the levels of each image by the smallest power of two that makes them fit into 8 bits, so "
        "brightness may differ between images, and fine steps are lost. Other tools may show them white: convert them "
        "to 8 bits yourself where that matters.",
    ),
    "cmyk_image": _warning(
        "Images in print colours",
        "They are stored as CMYK, for printing.",
        "They are converted to RGB without a colour profile, so their colours may look off.",
    ),
    "transparent_image": _warning(
        "Images with transparency",
        "Some of their pixels may be see-through.",
        "Transparency is dropped; whatever colour is stored under it appears.",
    ),
    "animated_image": _warning(
        "Images with several frames",
        "They are animations or have several pages.",
        "Only the first is shown and trained on.",
    ),
    "grayscale_image": _info(
        "Grayscale images", "They have no colours.", "They are used as RGB with three equal channels."
    ),
    "palette_image": _info(
        "Images with a colour table",
        "They store colours by number, as GIF does.",
        "They are converted to RGB, which loses nothing.",
    ),
    # What is left for a training
    "crowd_only": _error(
        "Classes that are crowd regions only",
        "Every annotation of them has iscrowd 1, {count:,} of {total:,} annotations in all. Some tools write so for "
        "every mask that is a run-length code.",
        "Crowd regions are ignored in training: nothing will be trained on for these classes. If they are single "
        "objects, set “iscrowd” to 0 with the tool that wrote the file.",
    ),
}
