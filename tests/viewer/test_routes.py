"""What a request may have FiftyOne do: every route, every GraphQL document and every field is tried with a callable."""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fiftyone_survey import documents, folder_of, served_by_fiftyone, survey
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    is_list_type,
    parse,
    type_from_ast,
)
from graphql.type import get_nullable_type

from cocomine.viewer.allowed_names import GRAPHQL
from cocomine.viewer.client import start_viewer
from cocomine.viewer.mongod import mongod_executable
from cocomine.viewer.routes import CallError, checked_call
from cocomine.workspace import Workspace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mongod_executable() is None, reason="no mongod here"),
]
REVIEWED = json.loads((Path(__file__).parent / "reviewed_fiftyone.json").read_text())
POSTED = ["/events", "/tag", "/tagging", "/values"]
POSTED += ["/operators", "/operators/execute", "/operators/resolve-placements"]
FREE = {"BSON", "BSONArray", "JSON", "JSONArray"}
PLAIN = {"Boolean": False, "Int": 1, "Float": 1.0}
SELECT = "fiftyone.core.stages.Select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A viewer that could import a module which leaves a mark, and a session of its frame."""

    port: int
    cookie: str
    mark: Path
    log: Path
    kept: http.client.HTTPConnection

    def status(self, method: str, path: str, body: Any) -> int:
        """Send a body; a route that reads it does so on a connection that is kept."""
        is_read = method == "POST" and path in {*POSTED, "/graphql"}
        connection = self.kept if is_read else http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": self.cookie, "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body), headers)
        with closing(connection.getresponse()) as response:
            status = response.status
            response.read() if path != "/events" or status == 403 else connection.close()  # events go on
        if not is_read:
            connection.close()
        assert not self.mark.exists(), f"{method} {path} {body} was carried out"
        return status


@pytest.fixture(scope="module")
def served() -> dict[str, Any]:
    return served_by_fiftyone()


@pytest.fixture(scope="module")
def schema(served: dict[str, Any]) -> GraphQLSchema:
    return build_schema(served["schema"])


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("routes")
    workspace = Workspace(root=folder / "workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(_marking_module(folder)))
        viewer = start_viewer(workspace)
    assert viewer.wait_until_started(60).state == "ready", viewer.status
    url = urlsplit(viewer.show([], colours={}, image_folders=[folder]))
    connection = http.client.HTTPConnection("127.0.0.1", url.port or 0)
    connection.request("GET", f"{url.path}?{url.query}")
    cookie = str(connection.getresponse().headers["Set-Cookie"]).partition(";")[0]
    connection.close()
    log = workspace.viewer / "viewer.log"
    with closing(http.client.HTTPConnection("127.0.0.1", url.port or 0, timeout=20)) as kept:
        yield Target(port=url.port or 0, cookie=cookie, mark=folder / "mark", log=log, kept=kept)
    viewer.close()


def _marking_module(folder: Path) -> Path:
    """Write a module `leaves_a_mark`, whose import alone makes the folder `mark`."""
    (folder / "modules").mkdir()
    source = f"import os\nos.makedirs({str(folder / 'mark')!r})\ndef call(**_): ...\n"
    (folder / "modules" / "leaves_a_mark.py").write_text(source)
    return folder / "modules"


def _calls(mark: Path) -> Iterator[Any]:
    """Yield what could be in a field so that something is called: by its name, at several depths; and database code."""
    call = {"_cls": "leaves_a_mark.call", "kwargs": [["a", 1]]}
    yield from (call, [call], {"a": [{"b": call}]}, {"_CLS": "leaves_a_mark.call"})
    yield [{"_cls": SELECT, "kwargs": [["sample_ids", [call]]]}]
    yield [{"_cls": "os.mkdir", "kwargs": [["path", str(mark)]]}]
    yield {"_cls": "subprocess.check_call", "kwargs": [["args", ["mkdir", str(mark)]]]}
    yield [{"_cls": "fiftyone.core.stages.Match", "kwargs": [["filter", {"$expr": {"$where": "true"}}]]}]
    yield {"ground_truth": {"values": [{"$function": {"body": "f", "args": [], "lang": "js"}}]}}
    yield [{"_cls": "fiftyone.core.stages.Mongo", "kwargs": [["pipeline", [{"$limit": 1}]]]}]


def _fields() -> set[str]:
    """Return every field that one of FiftyOne's routes takes from a request."""
    sources = [
        *(folder_of("fiftyone") / "server" / "routes").glob("*.py"),
        folder_of("fiftyone") / "operators/server.py",
    ]
    found = re.findall(r'data(?:\.get\(|\.pop\(|\[)\s*"(\w+)"', "\n".join(map(Path.read_text, sources)))
    return {*found, "stages", "extended_stages", "spaces", "config", "params", "variables"}


def test_this_fiftyone_is_the_one_that_was_reviewed(served: dict[str, Any]) -> None:
    found = survey(served)
    for kind, reviewed in REVIEWED.items():
        assert found[kind] == reviewed, f"{kind}: review what is new, decision 009, then run fiftyone_survey.py"


def test_every_route_that_is_not_for_looking_is_refused_with_any_method(target: Target, served: dict[str, Any]) -> None:
    body = {field: next(_calls(target.mark)) for field in _fields()}
    for line in served["routes"]:
        path = re.sub(r"\{[^}]*\}", "x", line.split()[1])
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            if method != "POST" or path not in {*POSTED, "/graphql"}:
                assert target.status(method, path, body) == 403, (method, path)
    assert "leaves_a_mark" not in target.log.read_text()
    assert "Refused PATCH '/dataset/x/sample/x'" in target.log.read_text()
    assert target.cookie.partition("=")[2] not in target.log.read_text()


@pytest.mark.parametrize("path", POSTED)
def test_a_callable_in_any_field_of_a_served_route_is_refused(target: Target, path: str) -> None:
    plain = {"dataset": "images", "dataset_name": "images", "subscription": "x", "events": [], "changes": {}}
    plain |= {"operator_uri": "@voxel51/operators/list_workspaces", "initializer": {"dataset": "images"}}
    assert target.status("POST", path, plain) != 403
    for field, call in zip(sorted(_fields()), cycle(_calls(target.mark)), strict=False):
        assert target.status("POST", path, {**plain, field: call}) == 403, (field, call)
    for call in _calls(target.mark):
        assert target.status("POST", path, {**plain, "view": call}) == 403, call
    assert target.status("POST", path, {**plain, "extended": {"leaves_a_mark.call": {}}}) == 403


def test_only_the_documents_of_the_app_are_served(target: Target, schema: GraphQLSchema) -> None:
    queries = schema.query_type.fields if schema.query_type else {}
    mutations = schema.mutation_type.fields if schema.mutation_type else {}
    asked = [*(f"query {{ {name} }}" for name in queries), *(f"mutation {{ {name} }}" for name in mutations)]
    asked += [text for name, text in documents().items() if name not in GRAPHQL]
    asked += [text + " " for name, text in documents().items() if name in GRAPHQL]
    assert len(asked) > 60
    for text in asked:
        assert target.status("POST", "/graphql", {"query": text, "variables": {}}) == 403, text


@pytest.mark.parametrize("name", sorted(GRAPHQL))
def test_a_callable_in_any_variable_of_a_served_document_is_refused(
    target: Target, schema: GraphQLSchema, name: str
) -> None:
    text = documents()[name]
    assert target.status("POST", "/graphql", {"query": text, "variables": {}}) != 403
    for call in _calls(target.mark):
        for variables in _variables(schema, text, call):
            assert target.status("POST", "/graphql", {"query": text, "variables": variables}) == 403, variables


def _variables(schema: GraphQLSchema, text: str, call: Any) -> Iterator[dict[str, Any]]:
    """Yield a document's variables, with `call` in one after the other of the places that take any JSON."""
    (operation,) = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
    types = {node.variable.name.value: type_from_ast(schema, node.type) for node in operation.variable_definitions}
    plain = {name: _plain(type_) for name, type_ in types.items()}
    for name, type_ in types.items():
        yield from ({**plain, name: value} for value in _with_call(type_, call))


def _plain(type_: Any) -> Any:
    inner = get_nullable_type(type_)
    if is_list_type(inner):
        return []
    if isinstance(inner, GraphQLInputObjectType):
        return {name: _plain(field.type) for name, field in inner.fields.items()}
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return [] if inner.name in FREE else PLAIN.get(inner.name, "images")


def _with_call(type_: Any, call: Any) -> Iterator[Any]:
    inner: Any = get_named_type(type_)
    if inner.name in FREE:
        yield call
    elif isinstance(inner, GraphQLInputObjectType):
        wrap: Callable[[Any], Any] = (lambda value: [value]) if is_list_type(get_nullable_type(type_)) else lambda v: v
        for name, field in inner.fields.items():
            yield from (wrap({**_plain(inner), name: value}) for value in _with_call(field.type, call))


WAYS = """
import sys
from pathlib import Path
from cocomine.viewer.process import _point_fiftyone_at
_point_fiftyone_at(Path(sys.argv[1]), "mongodb://127.0.0.1:1", "none")
from cocomine.viewer import fiftyone_internals
fiftyone_internals.require_names()
fiftyone_internals.close_ways_to_code()
import eta.core.utils as etau
from eta.core.serial import Serializable
from fiftyone.core import aggregations, odm, runs, stages
from fiftyone.core.odm.dataset import SampleFieldDocument
from fiftyone.core.odm.utils import _parse_field_str, deserialize_value
from fiftyone.core.session.events import Event
from fiftyone.server import query, view
name = "leaves_a_mark.call"
call = {"_cls": name, "kwargs": []}
match = {"_cls": "fiftyone.core.stages.Match", "kwargs": [["filter", {"$where": "true"}]]}
ways = [
    lambda: etau.get_class(name), lambda: etau.get_class("call", "leaves_a_mark"), lambda: etau.get_function(name),
    lambda: stages.ViewStage._from_dict(call), lambda: stages.ViewStage._from_dict(match),
    lambda: aggregations.Aggregation._from_dict(call), lambda: Serializable.from_dict({"_CLS": name}),
    lambda: SampleFieldDocument(name="x", ftype=name).to_field(), lambda: _parse_field_str(name + "(x)"),
    lambda: SampleFieldDocument(name="x", ftype="fiftyone.core.fields.ListField", subfield=name).to_field(),
    lambda: view.extend_view(None, {name: {}}), lambda: Event.from_data("call", {}), lambda: deserialize_value(call),
    lambda: query.BrainRunConfig(cls=name)._create_config() and None, lambda: etau.get_class("os.mkdir"),
]
for number, way in enumerate(ways):
    try:
        made = way()
    except Exception as error:
        made = None
    assert made is None, (number, made)
assert "not loaded" in query._run_cls_error(name)
assert etau.get_class("fiftyone.core.fields.ListField").__name__ == "ListField"
assert "leaves_a_mark" not in sys.modules
print("closed")
"""


def test_fiftyone_itself_makes_nothing_of_another_name_whatever_way_it_came(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(_marking_module(tmp_path)), str(Path(__file__).parents[2])])
    environment = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, "-c", WAYS, str(tmp_path / "viewer")]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert answer.stdout.endswith("closed\n"), answer.stderr
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'"x"', b"{", b"\xff{}", b"[" * 100_000, b'{"a": ' * 100_000, b"a=b&query=x"]
)
def test_what_is_no_json_object_is_not_handed_on(body: bytes) -> None:
    with pytest.raises(CallError, match="this is no JSON"):
        checked_call("/tag", body, frozenset())


def test_of_a_name_given_twice_the_one_that_was_looked_at_is_handed_on() -> None:
    body = b'{"view": [{"_cls": "os.mkdir", "_cls": "fiftyone.core.stages.Limit"}]}'
    assert json.loads(checked_call("/tag", body, frozenset())) == {"view": [{"_cls": "fiftyone.core.stages.Limit"}]}


def test_an_operator_is_told_the_dataset_and_nothing_more() -> None:
    uri = "@voxel51/operators/list_workspaces"
    call = {"operator_uri": uri, "dataset_name": "images", "request_delegation": True, "view": [], "params": {"a": 1}}
    told = json.loads(checked_call("/operators/execute", json.dumps(call).encode(), frozenset()))
    assert told == {"operator_uri": uri, "dataset_name": "images", "params": {}}
