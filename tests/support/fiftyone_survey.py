"""Where the installed FiftyOne answers requests and makes code of names, found in its own source and route table.

`python tests/fiftyone_survey.py` prints it; what was reviewed (decision 009) is `reviewed_fiftyone.json`.
"""

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("fiftyone", "plugins", "eta")
RESOLVERS = {
    *("get_class", "get_function", "import_module", "__import__", "eval", "exec", "spec_from_file_location"),
    *("get_document", "_document_registry", "read_pickle", "pickle.load", "pickle.loads", "_pickle.load", "torch.load"),
}
LIKELY = re.compile("|".join(rf"(?<![.\w]){re.escape(n)}\s*[(\[]|\.{re.escape(n)}\s*[(\[]" for n in sorted(RESOLVERS)))
DOCUMENT = re.compile(r"text:`((?:query|mutation|subscription) (\w+)[^`]*)`")
INSIDE = """
import json
from fiftyone.server.app import app, schema
routes = []
for route in app.routes:
    endpoint, names = getattr(route, "endpoint", None), ("get", "post", "put", "patch", "delete", "options")
    methods = [name.upper() for name in names if hasattr(endpoint, name)]
    routes.append(" ".join([type(route).__name__, route.path or "/", *methods]))
print(json.dumps({"routes": routes, "schema": schema.as_str()}))
"""


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))


def documents() -> dict[str, str]:
    """Return the GraphQL documents that the App is made with, by name."""
    scripts = (folder_of("fiftyone") / "server" / "static" / "assets").glob("*.js")
    return {match[2]: match[1] for script in scripts for match in DOCUMENT.finditer(script.read_text(encoding="utf-8"))}


def resolver_calls() -> dict[str, dict[str, int]]:
    """Return how often each file calls what makes code, or a class, of a name."""
    found = {}
    for package in PACKAGES:
        folder = folder_of(package)
        for file in sorted(folder.rglob("*.py")):
            calls = _calls_in(file.read_text(encoding="utf-8"))
            if calls:
                found[f"{package}/{file.relative_to(folder)}"] = calls
    return found


def _calls_in(source: str) -> dict[str, int]:
    if not LIKELY.search(source):
        return {}
    with warnings.catch_warnings(action="ignore"):  # they are about other people's backslashes
        tree = ast.parse(source)
    calls = Counter(name for node in ast.walk(tree) for name in _resolvers_of(node))
    return dict(sorted(calls.items()))


def _resolvers_of(node: ast.AST) -> set[str]:
    """Return what of `RESOLVERS` a node calls or looks up in."""
    if not isinstance(node, ast.Call | ast.Subscript):
        return set()
    target = ast.unparse(node.func if isinstance(node, ast.Call) else node.value)
    return {target, target.rpartition(".")[2]} & RESOLVERS if "self.model" not in target else set()


def served_by_fiftyone() -> dict[str, Any]:
    """Return FiftyOne's routes with their methods, and its GraphQL schema as text; FiftyOne is imported elsewhere."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "FIFTYONE_DO_NOT_TRACK": "true", "FIFTYONE_SERVER": "1"}
        answer = subprocess.run([sys.executable, "-c", INSIDE], capture_output=True, check=True, env=environment)
    served: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return served


def survey(served: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be reviewed with a new FiftyOne."""
    return {
        "routes": served["routes"],
        "schema": served["schema"].splitlines(),
        "documents": sorted(documents()),
        "resolvers": resolver_calls(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(survey(served_by_fiftyone()), indent=1) + "\n")
