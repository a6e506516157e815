"""Would the tests notice a small change of the core? `make mutants` tries some at random and lists those that live.

A mutant is the code with one operator, comparison, condition, number or loop changed, as cosmic-ray changes them.
Modules are drawn by their length, then a spot in one, then one of the changes that fit it, so that one seed gives the
same mutants again. Each is put into a copy of the checkout and tried against the tests of its module, of its folder and
of its room, in this order, until one fails. What lives is either no change of behaviour or a test that is missing.
"""

import argparse
import ast
import difflib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
ROOMS = ("mining", "labels", "exporting", "training")
LEFT_OUT = ("Variable", "_Is", "_IsNot", "AddNot", "ExceptionReplacer", "RemoveDecorator")
"""Changes that need settings, mean the same for numbers, or fail wherever the line runs."""
HEAVY = (
    "cv2",
    "hypothesis.strategies",
    "msgspec",
    "numpy",
    "pandas",
    "pycocotools.coco",
    "pytest",
    "scipy.stats",
    "torch",
)
LIMIT_S = 600.0
COPIED = ("app.py", "pages", "cocomine", "tests", "benchmarks", "pyproject.toml", "README.md", "docs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: of which module, the module's whole text with it, and the lines that differ."""

    module: Path
    text: str
    diff: str


def main(arguments: list[str]) -> int:
    """Draw mutants, try each and print those that live; 1 where fewer are killed than asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at once")
    parser.add_argument("--floor", type=float, default=0.0, help="the share that has to be killed, 0 to 1")
    parser.add_argument("rooms", nargs="*", default=ROOMS)
    asked = parser.parse_args(arguments)
    started_s = time.monotonic()
    killed = tried = 0
    for mutant, killer in results(drawn(asked.rooms, asked.n, random.Random(asked.seed)), asked.jobs):
        tried += 1
        killed += killer is not None
        print(f"{tried:4} {killer or 'LIVES':24} {mutant.module}{'' if killer else mutant.diff}", flush=True)  # noqa: T201
    print(f"{killed} of {tried} mutants killed in {time.monotonic() - started_s:.0f} s")  # noqa: T201
    return int(killed < asked.floor * tried)


def drawn(rooms: list[str], count: int, rng: random.Random) -> Iterator[Mutant]:
    """Yield mutants of the modules of these rooms, no two of them the same."""
    paths = sorted(path for room in rooms for path in (REPOSITORY / "cocomine" / room).rglob("*.py"))
    weights = [path.stat().st_size for path in paths]
    seen: set[str] = set()
    while len(seen) < count:
        (path,) = rng.choices(paths, weights)
        spots = _spots(path)
        if not spots:
            continue
        operators, occurrence = spots[rng.choice(sorted(spots))]
        mutant = _mutant(path, rng.choice(operators), occurrence)
        if mutant is not None and mutant.text not in seen:
            seen.add(mutant.text)
            yield mutant


@cache
def _spots(path: Path) -> dict[str, tuple[list[str], int]]:
    """Return where a module can be changed: what is there and which one of its kind, with the changes that fit it."""
    from cosmic_ray.ast import get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(_nodes(get_ast(path.read_text(encoding="utf-8"))))
    spots: dict[str, tuple[list[str], int]] = {}
    for name in sorted(operator_names()):
        if any(word in name for word in LEFT_OUT):
            continue
        operator = get_operator(name)()
        for occurrence in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            kind = name.rpartition("_")[0] or name
            spots.setdefault(f"{kind} {occurrence}", ([], occurrence))[0].append(name)
    return spots


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _mutant(path: Path, operator: str, occurrence: int) -> Mutant | None:
    """Return the module with one change, None where only an annotation would differ, or it would be no Python."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    before = path.read_text(encoding="utf-8")
    after = mutate_code(before, get_operator(operator)(), occurrence)
    if after is None or _meaning(after) in (None, _meaning(before)):
        return None
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    diff = "".join(f"\n       {line}" for line in list(lines)[2:])
    return Mutant(module=path.relative_to(REPOSITORY), text=after, diff=diff)


def _meaning(text: str) -> str | None:
    """Return a module's syntax tree without its annotations, None where it has none: a lone `*` is no product."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                setattr(node, name, ast.Constant(None))
    return ast.dump(tree)


def results(mutants: Iterator[Mutant], jobs: int) -> Iterator[tuple[Mutant, str | None]]:
    """Try mutants beside one another, each in a copy of the checkout; yield which tests killed each, None for none."""
    copies: SimpleQueue[Path] = SimpleQueue()

    def tried(mutant: Mutant) -> tuple[Mutant, str | None]:
        copy = copies.get()
        try:
            return mutant, killer_of(mutant, copy)
        finally:
            copies.put(copy)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        for job in range(jobs):
            copies.put(_copied(Path(folder) / str(job) / REPOSITORY.name))
        yield from pool.map(tried, mutants)


def _copied(folder: Path) -> Path:
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    shared = REPOSITORY.parent / "shared"
    if shared.is_dir():
        (folder.parent / "shared").symlink_to(shared)
    return folder


def killer_of(mutant: Mutant, copy: Path) -> str | None:
    """Return the tests that fail on a mutant, or do not end, None where all of its room pass.

    Raises:
        RuntimeError: These tests fail on the code as it is, so that their failure says nothing.
    """
    module = copy / mutant.module
    before = module.read_bytes()
    for name, paths in _tests_of(mutant.module, copy):
        module.write_text(mutant.text, encoding="utf-8")
        try:
            survives = _pass(paths, copy)
        finally:
            module.write_bytes(before)
        if not survives:
            if name not in _passing and not _pass(paths, copy):
                raise RuntimeError(f"the tests {name.removeprefix('by ')} fail without any change")
            _passing.add(name)
            return name
    return None


_passing: set[str] = set()
"""The tests that were seen to pass on the code as it is."""


def _tests_of(module: Path, copy: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield the tests that are to be tried, those that know the module best first."""
    folder = copy / "tests" / module.parent.relative_to("cocomine")
    own = sorted(folder.glob(f"test_*{module.stem}*.py"))
    if own:
        yield f"by {own[0].stem}", own
    room = copy / "tests" / module.parts[1]
    if folder != room and folder.is_dir():
        yield f"by {folder.relative_to(copy)}", [folder]
    yield f"by {room.relative_to(copy)}", [room]


def _pass(paths: list[Path], copy: Path) -> bool:
    """Run tests in a process of their own that has what takes long to load; whether all passed in time."""
    child = os.fork()
    if child == 0:
        os.setsid()
        _run_tests(paths, copy)
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > deadline_s:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.05)


def _run_tests(paths: list[Path], copy: Path) -> None:
    code = 3
    try:
        os.chdir(copy)
        sys.path[:0] = [str(copy), str(copy / "tests" / "support")]
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        import pytest

        options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not browser and not gpu", f"--basetemp={copy}.tmp"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is loaded before
        code = int(pytest.main([*options, *map(str, paths)]))
    finally:
        os._exit(code)


def load_what_takes_long() -> None:
    """Import what the tests import of other packages, so that each process that is forked has it."""
    import importlib

    sys.dont_write_bytecode = True  # or a mutant could meet the bytes of the text before it
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    for name in HEAVY:
        importlib.import_module(name)


if __name__ == "__main__":
    load_what_takes_long()
    sys.exit(main(sys.argv[1:]))
