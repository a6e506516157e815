"""Every value that modules state by name, and every default, in a line each: limits, thresholds, seeds, names of files.

Tests that take such a value from the module itself do not see it change; a list of them on record does.
"""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, str, type(None))


def stated_values(package: ModuleType) -> str:
    """Return them for all modules of a package, module after module."""
    prefix = f"{package.__name__}."
    names = sorted(each.name for each in pkgutil.walk_packages(package.__path__, prefix) if "__main__" not in each.name)
    return "".join(f"{name.removeprefix(prefix)}: {line}\n" for name in names for line in _lines(import_module(name)))


def _lines(module: ModuleType) -> Iterator[str]:
    for name in sorted(_named_in(module)):
        if _is_plain(value := getattr(module, name)):
            yield f"{name} = {value!r}"
    own = [each for each in vars(module).values() if getattr(each, "__module__", None) == module.__name__]
    functions = {each.__qualname__: each for each in own if isinstance(each, FunctionType)}
    for kind in (each for each in own if isinstance(each, type)):
        functions |= {each.__qualname__: each for each in vars(kind).values() if isinstance(each, FunctionType)}
    for name, function in sorted(functions.items()):
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty and _is_plain(parameter.default):
                yield f"{name}({parameter.name}={parameter.default!r})"


def _named_in(module: ModuleType) -> set[str]:
    """Return the names of constants that a module itself states, not those that it imports or takes from the system."""
    targets = [
        target
        for statement in ast.parse(inspect.getsource(module)).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and not any(isinstance(node, ast.Name) and node.id == "os" for node in ast.walk(statement))
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    ]
    names = {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return {name for name in names if name.strip("_").isupper()}


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, (*value, *value.values())))
    return type(value) in PLAIN or (isinstance(value, PLAIN) and type(value).__module__.startswith("cocomine"))
