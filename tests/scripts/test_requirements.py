"""scripts/requirements.txt holds what the deployment tool imports and what that brings along, in the versions of the tests."""

import ast
import sys
from importlib.metadata import packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.server import ROOT


def pins(name: str) -> dict[str, Requirement]:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and line[0] not in "#-"]
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def imported() -> set[str]:
    """The distributions that the tool imports from."""
    modules: set[str] = set()
    for path in (ROOT / "scripts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.split(".")[0])
    foreign = modules - sys.stdlib_module_names - {"scripts"}
    return {canonicalize_name(packages_distributions()[module][0]) for module in foreign}


def brought_along(roots: list[Requirement]) -> set[str]:
    """What these need, and what that needs."""
    found: set[str] = set()
    asked = list(roots)
    while asked:
        one = asked.pop()
        name = canonicalize_name(one.name)
        if name in found and not one.extras:
            continue
        found.add(name)
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in one.extras or {""}):
                asked.append(needed)
    return found


def test_it_is_complete_and_has_nothing_else() -> None:
    own = pins("scripts/requirements.txt")
    roots = [own[name] for name in imported()]
    assert set(own) == brought_along(roots)


def test_its_versions_are_those_that_the_tests_ran_with() -> None:
    everywhere = pins("requirements-dev.txt") | pins("requirements.txt")
    for name, requirement in pins("scripts/requirements.txt").items():
        assert requirement.specifier == everywhere[name].specifier, name
