"""How are numbers, sizes, time spans and names told to a person?"""

import re
from collections.abc import Collection, Sequence
from itertools import accumulate
from unicodedata import east_asian_width

LISTED_NAME = re.compile(r'\s*+(?:"((?:[^"]|"")*+)"\s*+|([^,\r\n]*+))(?:[,\r\n]|\Z)')
"""One of several names in a line, in quotes or not, as in CSV."""
MODE_NAMES = {"any": "Any selected class", "all": "All selected classes", "only": "Only selected classes"}
"""By the values of `Mode`: which images are kept."""
MODE_CAPTIONS = {
    "any": "at least one of them",
    "all": "every one of them in the same image",
    "only": "at least one of them and no other labelled class",
}
MODE_PHRASES = {"any": "any of", "all": "all of", "only": "only"}
"""Before the names of the classes, in a sentence or a badge."""
POLICY_NAMES = {
    "background": "Background",
    "keep": "Keep as own classes",
    "merge": "Merge into “other”",
    "ignore": "Ignore (255)",
}
"""By the values of `Others`: what becomes of unselected classes."""
FORMAT_NAMES = {
    "coco": "COCO JSON",
    "masks": "Masks (PNG)",
    "roboflow": "Roboflow, RF-DETR",
    "yolo": "YOLO segment",
    "yolo-detect": "YOLO detect",
    "voc": "Pascal VOC",
    "hf": "Hugging Face",
    "mined": "mined.json",
}
"""What an export may be written in, by the names that recipes and the command line have."""
POLICY_CAPTIONS = {
    "background": "Their pixels are labelled background (as in the paper).",
    "keep": "Each stays a class of its own, which the network learns as well.",
    "merge": "Their pixels become one class: the network learns that an object is there, not which.",
    "ignore": "Their pixels count neither in training nor in evaluation (255 in the training masks).",
}
POLICY_OUTCOMES = {
    "background": ("becomes background", "become background"),
    "keep": ("is kept as its own class", "are kept as their own classes"),
    "merge": ("is merged into “other”", "are merged into “other”"),
    "ignore": ("is ignored", "are ignored"),
}
"""What one object, and what several objects do under it."""
POLICY_IN_EXPORT = {
    "background": "not annotated; their pixels are background",
    "keep": "kept as classes of their own",
    "merge": "merged into the class “other”",
    "ignore": "ignored: their pixels are 255",
}
"""What unselected classes are in an export."""
PRESET_NAMES = {
    "quick": "Quick test",
    "paper": "Paper settings",
    "recommended": "Recommended",
    "overfit": "Overfit 8 images",
}
RUN_STATE_NAMES = {
    "starting": "Starting",
    "preparing": "Preparing",
    "running": "Training",
    "stopping": "Stopping",
    "stopped": "Stopped",
    "done": "Done",
    "failed": "Failed",
    "asleep": "Suspended",
    "lost": "Interrupted",
}
TASK_STATE_NAMES = {
    "waiting": "waiting",
    "running": "running",
    "paused": "paused",
    "done": "complete",
    "failed": "failed",
    "cancelled": "cancelled",
    "asleep": "suspended",
    "lost": "interrupted",
}
"""By the states of long work, after its kind: "Export paused"."""
NOT_UTF_8 = re.compile("[\ud800-\udfff]")
WITHIN_FIGURE = re.compile(r"(?<=\d) (?=(?:%|px|kB|MB|GB)(?!\w)|: \d)|(?<=\d :) (?=\d)")
"""The space of "52 %", "128 px", "4.7 MB" and "240 : 1"."""
MARKDOWN = re.compile(r"([\\`*_\[\](){}:$~<>#|!])")


def percent(share: float, *, decimals: int | None = None) -> str:
    """Return a share in [0, 1] as text: "12 %", below 10 % with two digits, "1.5 %".

    Only nothing is "0 %", and only all is "100 %": "99.97 %".

    Args:
        decimals: so many, whatever the share: for numbers that are compared or that go up.
    """
    if decimals is not None:
        return f"{share * 100:.{decimals}f} %"
    if not share:
        return "0 %"
    if 0.995 <= share < 1:
        return f"{min(share * 100, 99.99):.4g} %"
    return f"{share * 100:.0f} %" if share >= 0.0995 else f"{max(share * 100, 0.0001):.2g} %"


def counted(count: int, thing: str) -> str:
    """Return how many there are of a thing, such as "1 image", "4,114 images", "2 classes" or "3 categories"."""
    ending = "es" if thing.endswith("s") else "s"
    plural = f"{thing[:-1]}ies" if thing.endswith("ry") else f"{thing}{ending}"
    return f"{count:,} {thing if count == 1 else plural}"


def size_words(size_bytes: int) -> str:
    """Return a size on disk as text, rounded: "812 bytes", "52 kB", "3.9 MB", "1.2 GB"."""
    for unit, unit_bytes in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= unit_bytes:
            return f"{size_bytes / unit_bytes:,.1f} {unit}"
    return f"{size_bytes / 1e3:,.0f} kB" if size_bytes >= 1000 else counted(size_bytes, "byte")


def duration(seconds: float) -> str:
    """Return a time span in words, such as "about 4 minutes"."""
    if seconds < 90:
        return f"about {counted(max(1, round(seconds / 5) * 5), 'second')}"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.0f} hours" if seconds < 172800 else f"about {seconds / 86400:.0f} days"


def brief_duration(seconds: float) -> str:
    """Return a time span as short as it can be read at a glance: "6 s", "2 min", "1 h 20 min", "3 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    if seconds < 172800:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{round(minutes / 60)} h"
    return f"{seconds / 86400:.0f} days"


def join_names(names: Collection[str]) -> str:
    """Return names as in a sentence: "bus", "bus and car", "bus, car and person"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def names_to_line(names: Sequence[str]) -> str:
    """Return names in one line, apart by commas; one that would not be read back as it is stands in quotes."""
    return ",".join(name if _is_plain(name) else '"' + name.replace('"', '""') + '"' for name in names)


def _is_plain(name: str) -> bool:
    return bool(name) and name == name.strip() and not any(sign in name for sign in ',"\r\n')


def names_from_line(text: str) -> tuple[str, ...]:
    """Return the names that `names_to_line` put in one line, each once."""
    return tuple(dict.fromkeys(entries_from_line(text)))


def entries_from_line(text: str) -> tuple[str, ...]:
    """Return what `names_to_line` put in one line, as often as it stands there.

    Between quotes a name is as it is, blanks and all; without them the blanks around it are left out, and nothing
    between two commas is no name.
    """
    found = list(LISTED_NAME.finditer(text))
    names = (match[2].strip() if match[1] is None else match[1].replace('""', '"') for match in found)
    quoted = (match[1] is not None for match in found)
    return tuple(name for name, is_quoted in zip(names, quoted, strict=True) if name or is_quoted)


def printable(text: object) -> str:
    """Return a path or name that can be shown and written: what is not UTF-8 in it becomes the sign for that."""
    return NOT_UTF_8.sub("\ufffd", str(text))


def unbroken(text: str) -> str:
    """Return text for a narrow column, where no line ends between a number and its sign or unit."""
    return WITHIN_FIGURE.sub("\N{NO-BREAK SPACE}", text)


def plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return MARKDOWN.sub(r"\\\1", text)


def shortened(text: str, longest: int) -> str:
    """Return text in one line of at most so many columns, with both its ends: many names differ at the last.

    Wide signs take two columns (Unicode Standard Annex #11).
    """
    line = " ".join(text.split())
    if _fitting(line, longest) == len(line):
        return line
    tail = (longest - 1) // 2
    head, end = _fitting(line, longest - 1 - tail), _fitting(line[::-1], tail)
    return f"{line[:head].rstrip()}…{line[len(line) - end :].lstrip()}"


def _fitting(line: str, columns: int) -> int:
    """Return how many signs of a line fit into so many columns."""
    if line.isascii():
        return min(len(line), columns)
    ends = accumulate(2 if is_wide(sign) else 1 for sign in line)
    return sum(end <= columns for end in ends)


def is_wide(sign: str) -> bool:
    """Return whether a sign is drawn as wide as it is high, as those of Chinese, Japanese and Korean are."""
    return east_asian_width(sign) in "WF"
