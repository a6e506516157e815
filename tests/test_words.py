"""One word for one thing: names and phrases that were given up for the field's own words come back nowhere.

docs/decisions and CHANGELOG.md tell history and may quote them.
"""

import re
from pathlib import Path

from places import REPOSITORY

NAMES = (
    "answer_server",
    "bring_picture",
    "CATALOGUE",
    "chosen_subset",
    "empty_occurrences",
    "FORBIDDEN_HERE",
    "keep_known_names",
    "known_areas",
    "known_exports",
    "known_job",
    "known_part",
    "lacking_classes",
    "least_images",
    "MapAccount",
    "MODE_WORDS",
    "NearestChoice",
    "ODD_PART",
    "opened_dataset",
    "OTHERS_IN_WORDS",
    "PairView",
    "QuietWish",
    "result_of_process",
    "stale_count",
    "standing_out",
    "SubsetLosses",
    "taken_out",
    "taken_place",
    "through_app",
    "told_pair_count",
    "truth_of",
    "weighed_adding",
    "weighed_forbidding",
    "WeighedPair",
    "what_stands_in_the_way",
)
"""Names in code that said less than those that are there now."""
PHRASES = (
    "Which COCO do you want to look into",
    "Opened lately",
    "What is odd about it",
    "Matters for training",
    "No class is picked",
    "Pick the classes",
    "taken out by hand",
    "Taken out by hand",
    "Put all back",
    "Take out the ticked",
    "How much of each class is there",
    "Against chance (lift)",
    "Which classes interfere?",
    "Look at it",
    "than luck alone",
    "times as often as by chance",
    "Furthest beyond chance",
    "look closely",
    "Classes you want",
    "Classes no image may have",
    "drawn by lot",
    "Dilution falls",
    "classes that seldom meet",
    "What your classes share",
    "Who else is in these images",
    "What will happen to the rest",
    "Vanished objects",
    "point at a class or an object to see it alone",
    "All COCO masks",
    "Pictures come along",
    "Side of the label maps",
    "Exports so far",
    "Train on it",
    "found exact",
    "best weights found here",
    "predict nothing",
    "tell nothing",
    "And the published numbers?",
    "rare pairs do not shout",
    "Try it",
    "Colour shows",
    "in the photo",
    "tall ← width",
    "As in the paper",
)
"""What pages, README and reports once said."""
WORDS = re.compile(r"\b(photos?|pictures?)\b", re.IGNORECASE)
"""What is called an image; what is drawn by us may be called a picture nowhere either."""
KEPT = {
    "cocomine/coco/image_folder_search.py": "folders of other people that are so called",
    "cocomine/exporting/manifest.py": "the key of older manifests, which are still read",
}
"""Files that may name pictures and photos, each with the reason."""
FORMER_KEYS = {
    "cocomine/training/checkpoint.py": "keys of older checkpoints, which are still read",
    "tests/training/test_resuming.py": "an older checkpoint, which is resumed",
}
"""Files that may hold a name that was given up, each with the reason."""
HISTORY = ("CHANGELOG.md", "docs/decisions", "tests")
ENDINGS = {".css", ".html", ".js", ".md", ".py", ".toml", ".yaml", ".yml"}
ROOTS = ("app.py", "benchmarks", "cocomine", "CONTRIBUTING.md", "docs", "pages", "README.md")


def texts(*, tests: bool = False) -> list[tuple[str, str]]:
    """Return the files that people read, as (path in the repository, content)."""
    roots = [REPOSITORY / name for name in (*ROOTS, *(("tests",) if tests else ()))]
    files = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
    named = [(path.relative_to(REPOSITORY).as_posix(), path) for path in files if path.suffix in ENDINGS]
    allowed = [each for each in HISTORY if not (tests and each == "tests")]
    kept = [(name, path) for name, path in named if not name.startswith(tuple(allowed)) and "node_modules" not in name]
    return [(name, path.read_text(encoding="utf-8")) for name, path in kept if path != Path(__file__)]


def found(pattern: str | re.Pattern[str], *, tests: bool = False) -> list[str]:
    """Return "file:line" of each place where a pattern is."""
    compiled = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts(tests=tests)
        for number, line in enumerate(text.splitlines(), start=1)
        if compiled.search(line)
    ]


def test_there_is_something_to_read() -> None:
    names = {name for name, _ in texts(tests=True)}
    assert {"README.md", "app.py", "cocomine/wording.py", "tests/conftest.py"} <= names


def test_no_name_that_was_given_up_is_in_the_code() -> None:
    there = found(rf"\b({'|'.join(NAMES)})\b", tests=True)
    assert [each for each in there if each.partition(":")[0] not in FORMER_KEYS] == []


def test_no_page_says_what_was_reworded() -> None:
    assert found(rf"(?<!\w)({'|'.join(map(re.escape, PHRASES))})(?!\w)") == []


def test_an_image_is_called_an_image() -> None:
    assert [each for each in found(WORDS) if each.partition(":")[0] not in KEPT] == []
