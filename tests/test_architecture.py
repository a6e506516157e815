"""Imports point down only, heavy packages live in one place, and importing does nothing but define names."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_PAGE = 130
LAYERS = (
    {
        "cocomine",
        "errors",
        "wording",
        "colours",
        "system",
        "workspace",
        "coco",
        "demo",
        "mining",
        "labels",
        "exclusions",
    },
    {
        "background",
        "downloading",
        "exporting",
        "workers",
        "drawing",
        "viewer",
        "training",
        "claim",
        "charts",
        "server",
        "cli",
        "__main__",
    },
    {"ui"},
    {"app", "pages"},
)
"""From the core up; the names are those directly below `cocomine`, and the scripts."""
VIEWER_KNOWN_TO = {
    "cocomine.ui.check.fiftyone": frozenset({"cocomine.viewer.client"}),
    "cocomine.cli.commands.doctor": frozenset({"cocomine.viewer.mongod"}),
}
"""Who else may import what of the viewer."""
ROOMS_BELOW = {
    "system": {"errors", "wording"},
    "coco": {"errors", "system", "wording"},
    "demo": {"errors", "system"},
    "downloading": {"background", "coco", "errors", "mining", "system", "wording", "workspace"},
    "drawing": {"coco", "colours", "errors", "system"},
    "background": {"errors", "system", "wording"},
    "workers": {"coco", "drawing", "errors", "mining", "system"},
}
"""What these rooms may import of the house."""
PAGES = sorted((ROOT / "pages").glob("*.py"))
SCRIPTS = [path for path in (ROOT / "app.py", *PAGES) if path.is_file()]
FILES = sorted((ROOT / "cocomine").rglob("*.py")) + SCRIPTS


def module_name(path: Path) -> str:
    """`cocomine.coco.reading.annotation_file`, `pages.data`, `app`; a package is named without its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}
NAMES = sorted(MODULES)
OURS = [name for name in NAMES if name.startswith("cocomine")]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def named_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def nodes_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker sees."""
    yield node
    if isinstance(node, ast.If) and named_type_checking(node.test):
        children: list[ast.stmt] = node.orelse
        for child in children:
            yield from nodes_at_run_time(child)
        return
    for each in ast.iter_child_nodes(node):
        yield from nodes_at_run_time(each)


def absolute(node: ast.ImportFrom, name: str) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".") if MODULES[name].name == "__init__.py" else name.split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


@cache
def imports(name: str) -> frozenset[str]:
    """What a module imports when it runs, at its top or inside its functions, as full dotted names."""
    return imported_by(name, nodes_at_run_time(tree(name)))


def imported_by(name: str, nodes: Iterable[ast.AST]) -> frozenset[str]:
    """What some statements of a module import."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, name)
            submodules = {f"{base}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= submodules or {base}
    return frozenset(found)


@cache
def packages(name: str) -> set[str]:
    """The packages outside our own that a module imports."""
    return {imported.split(".")[0] for imported in imports(name)}


@cache
def our_imports(name: str) -> set[str]:
    """Our modules that a module imports, with the packages that Python runs on the way to them."""
    ours = {imported for imported in imports(name) if imported in MODULES}
    return {".".join(each.split(".")[:end]) for each in ours for end in range(1, each.count(".") + 2)} & MODULES.keys()


def layer(name: str) -> int:
    area = name.removeprefix("cocomine.").split(".")[0]
    return next((level for level, areas in enumerate(LAYERS) if area in areas), -1)


def reachable(start: str) -> dict[str, str]:
    """Every module of ours that a module brings in, each with the one that imports it."""
    found, waiting = {start: start}, [start]
    while waiting:
        name = waiting.pop()
        for other in our_imports(name) - found.keys():
            found[other] = name
            waiting.append(other)
    return found


def test_there_is_something_to_look_at() -> None:
    assert "cocomine.coco.reading.annotation_file" in MODULES
    assert "cocomine.coco.columns" in our_imports("cocomine.coco.reading.columns")
    assert "numpy" in packages("cocomine.coco.reading.annotation_file")


def test_every_module_has_its_layer() -> None:
    assert [name for name in NAMES if layer(name) < 0] == [], "name their layer in LAYERS"


def test_imports_point_down_only() -> None:
    assert [(name, other) for name in NAMES for other in our_imports(name) if layer(other) > layer(name)] == []


def room(name: str) -> Path:
    """The folder of a module; a file beside the folders of the package is a room of its own."""
    path = MODULES[name].relative_to(ROOT)
    return path if path.parent == Path("cocomine") else path.parent


def arrows(start: Path, modules: Mapping[Path, list[str]]) -> set[Path]:
    """The rooms that a room imports."""
    return {room(other) for name in modules[start] for other in imports(name) if other in MODULES} - {start}


def test_there_is_no_circle_between_rooms() -> None:
    modules: dict[Path, list[str]] = {}
    for name in NAMES:
        modules.setdefault(room(name), []).append(name)
    order = list(TopologicalSorter({start: arrows(start, modules) for start in modules}).static_order())
    assert order.index(Path("cocomine/system")) < order.index(Path("cocomine/coco")) < order.index(Path("pages"))


def test_there_is_no_circle_between_modules_even_of_types() -> None:
    arrows = {name: imported_by(name, ast.walk(tree(name))) & MODULES.keys() for name in NAMES}
    assert len(list(TopologicalSorter(arrows).static_order())) == len(NAMES)


@pytest.mark.parametrize("area", ROOMS_BELOW)
def test_a_room_at_the_bottom_imports_what_is_below_it(area: str) -> None:
    names = [name for name in OURS if name.split(".")[1:2] == [area]]
    imported = {(name, other) for name in names for other in our_imports(name) if "." in other}
    allowed = ROOMS_BELOW[area] | {area}
    assert names
    assert [(name, other) for name, other in imported if other.split(".")[1] not in allowed] == []


@pytest.mark.parametrize("name", [name for name in OURS if name.startswith("cocomine.drawing")])
def test_drawing_reads_images_through_their_reader_and_touches_no_file_itself(name: str) -> None:
    assert not packages(name) & {"os", "shutil", "tempfile", "glob"}
    assert not our_imports(name) & {"cocomine.system.files", "cocomine.system.folders", "cocomine.system.space"}
    called = [node.func for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    names = {func.attr if isinstance(func, ast.Attribute) else ast.unparse(func) for func in called}
    assert not {
        each
        for each in names
        if re.fullmatch(r"open|(read|write)_(bytes|text)|stat|lstat|exists|iterdir|unlink|mkdir", each)
    }


def test_streamlit_is_imported_only_where_pages_are_made_and_served() -> None:
    serving = {f"cocomine.server.{each}" for each in ("launching", "asked_page", "kept_images")}
    others = [name for name in OURS if not name.startswith("cocomine.ui") and name not in serving]
    assert [name for name in others if "streamlit" in packages(name)] == []


def ui_room(name: str) -> str:
    """The folder of a module of the user interface, or the module itself where it stands beside the folders."""
    return name.removeprefix("cocomine.ui.").split(".")[0]


def ui_rooms() -> dict[str, set[str]]:
    """Each room of the user interface with the rooms that its modules import from."""
    arrows: dict[str, set[str]] = {}
    for name in (each for each in NAMES if each.startswith("cocomine.ui.")):
        others = {ui_room(other) for other in our_imports(name) if other.startswith("cocomine.ui.")}
        arrows.setdefault(ui_room(name), set()).update(others - {ui_room(name)})
    return arrows


def rooms_behind(room: str, arrows: dict[str, set[str]]) -> set[str]:
    """All rooms that can be reached from a room."""
    found, waiting = set[str](), [room]
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("room", sorted(ui_rooms()))
def test_no_room_of_the_user_interface_leads_back_to_itself(room: str) -> None:
    assert room not in rooms_behind(room, ui_rooms())


def test_a_circle_of_rooms_is_seen() -> None:
    assert "a" in rooms_behind("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}})


def test_the_user_interface_is_imported_by_pages_and_app_alone() -> None:
    others = [name for name in NAMES if not name.startswith(("cocomine.ui", "pages.")) and name != "app"]
    assert [name for name in others if any(each.startswith("cocomine.ui") for each in our_imports(name))] == []


@pytest.mark.parametrize(
    ("package", "places"),
    [
        ("torch", ("cocomine.training", "cocomine.claim.networks")),
        ("fiftyone", ("cocomine.viewer",)),
        ("plotly", ("cocomine.charts",)),
    ],
)
def test_a_heavy_package_is_imported_where_it_belongs(package: str, places: tuple[str, ...]) -> None:
    importing = [name for name in NAMES if package in packages(name)]
    assert importing
    assert [name for name in importing if not name.startswith(places)] == []


def test_training_knows_nothing_of_the_claim_check() -> None:
    brought = {each for start in NAMES if start.startswith("cocomine.training") for each in reachable(start).items()}
    assert [(name, by) for name, by in brought if name.startswith("cocomine.claim")] == []


def test_the_viewer_is_known_by_its_client_alone() -> None:
    others = [name for name in NAMES if not name.startswith("cocomine.viewer")]
    known = {(name, each) for name in others for each in our_imports(name) if each.startswith("cocomine.viewer.")}
    assert known == {(name, each) for name, parts in VIEWER_KNOWN_TO.items() for each in parts}


def test_what_fiftyone_calls_its_parts_is_named_in_the_viewer_alone() -> None:
    others = [name for name in NAMES if not name.startswith("cocomine.viewer")]
    nodes = [(name, node) for name in others for node in ast.walk(tree(name)) if isinstance(node, ast.Constant)]
    texts = [(name, node.value) for name, node in nodes if isinstance(node.value, str)]
    assert [(name, text) for name, text in texts if re.search(r"\bfiftyone\.\w|data-cy", text)] == []


def test_the_server_imports_neither_torch_nor_fiftyone() -> None:
    """Each heavy module that comes in is told with the one that imports it."""
    brought = {each for start in NAMES if layer(start) >= 2 for each in reachable(start).items()}
    assert [(name, by) for name, by in brought if packages(name) & {"torch", "fiftyone"}] == []


PURE_ROOMS = ("cocomine.mining", "cocomine.labels", "cocomine.charts")
PURE = [name for name in NAMES if name.startswith(PURE_ROOMS)]
DISK_MODULES = {"glob", "os", "pathlib", "shutil", "tempfile", "cocomine.system.files", "cocomine.coco.reading"}
DISK_CALLS = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "memmap", "fromfile", "tofile", "savez"}


def test_mining_labels_and_charts_touch_no_disk() -> None:
    touching = [(name, each) for name in PURE for each in imports(name) if each.startswith(tuple(DISK_MODULES))]
    calls = [(name, called(each)) for name in PURE for each in ast.walk(tree(name)) if isinstance(each, ast.Call)]
    assert touching == []
    assert [(name, call) for name, call in calls if call in DISK_CALLS] == []


def test_mining_labels_and_charts_know_nothing_of_exports_and_pages() -> None:
    brought = {each for start in PURE for each in reachable(start).items()}
    assert [(name, by) for name, by in brought if name.startswith(("cocomine.exporting", "cocomine.ui"))] == []


def called(node: ast.Call) -> str:
    """The last name of what a call calls."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_importing_a_module_does_nothing_but_define_names() -> None:
    doing = [(name, node) for name in OURS for node in tree(name).body if not defines(node)]
    assert [f"{name}, line {node.lineno}: {ast.unparse(node)[:60]}" for name, node in doing] == []


def defines(node: ast.stmt) -> bool:
    """Is a statement an import, a definition, a plain assignment, or text?"""
    if isinstance(node, ast.Assign):
        return all(isinstance(each, ast.Name | ast.Tuple) for each in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.If):
        if ast.unparse(node.test).startswith("sys.platform "):  # a package that one system lacks
            return all(isinstance(each, ast.Import | ast.ImportFrom) for each in [*node.body, *node.orelse])
        return named_type_checking(node.test) or ast.unparse(node.test) == "__name__ == '__main__'"
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


@pytest.mark.parametrize(
    "text", ["print()", "os.environ['A'] = 'b'", "for a in b: pass", "x.y = 1", "if a: b = 1", "1"]
)
def test_a_statement_that_acts_is_told_from_one_that_defines(text: str) -> None:
    assert not defines(ast.parse(text).body[0])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_defines_fragments_and_dialogs_alone(path: Path) -> None:
    functions = [node for node in ast.walk(tree(module_name(path))) if isinstance(node, ast.FunctionDef)]
    plain = [node.name for node in functions if not any(map(is_fragment_or_dialog, node.decorator_list))]
    assert not plain


def is_fragment_or_dialog(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called) in {"st.fragment", "st.dialog"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


def test_no_two_test_files_have_one_name() -> None:
    """Tests are in no packages, so pytest can import one file of a name only."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
