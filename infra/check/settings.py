"""Reads which options are set, and where: in .ebextensions, and in the template of the environment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from cfnlint.decode import decode

TEMPLATE = "infra/env.yaml"
FOLDER = ".ebextensions"


@dataclass(frozen=True)
class Setting:
    """An option, set once.

    values: the literals it may come to, none where only AWS knows; quoted: YAML cannot take it for another type.
    """

    namespace: str
    option: str
    values: tuple[str, ...]
    path: str
    line: int
    quoted: bool = True


def in_files(root: Path) -> Iterator[Setting]:
    """What .ebextensions set; what is no mapping of namespaces is left to the check of the form."""
    for file in sorted((root / FOLDER).glob("*.config")):
        for key, node in _pairs(_compose(file)):
            if key.value == "option_settings":
                yield from _of_namespaces(node, f"{FOLDER}/{file.name}")


def _of_namespaces(node: yaml.Node, path: str) -> Iterator[Setting]:
    for namespace, options in _pairs(node):
        for option, value in _pairs(options):
            line = option.start_mark.line + 1
            if isinstance(value, yaml.ScalarNode):
                yield Setting(namespace.value, option.value, (value.value,), path, line, value.style is not None)
            else:
                yield Setting(namespace.value, option.value, (), path, line, quoted=False)


def _compose(file: Path) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text())
    except yaml.YAMLError:
        return None  # the check of the form says so


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def in_template(root: Path) -> Iterator[Setting]:
    """What the template sets for the environment, in either branch of a condition."""
    template = load(root / TEMPLATE)
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == "AWS::ElasticBeanstalk::Environment":
            for item in resource["Properties"].get("OptionSettings", []):
                for setting in _branches(item):
                    yield _of_item(setting, template.get("Mappings", {}))


def _of_item(item: Any, mappings: Any) -> Setting:
    value = item.get("Value")
    found = Setting(item["Namespace"], item["OptionName"], tuple(literals(value, mappings)), TEMPLATE, item.start_mark.line + 1)
    return found if isinstance(value, str | dict) else replace(found, quoted=False)


def literals(value: Any, mappings: Any) -> Iterator[str]:
    """The literals that a value of a template may come to."""
    for branch in _branches(value):
        if isinstance(branch, dict) and "Fn::FindInMap" in branch:
            name, _, key = branch["Fn::FindInMap"]
            yield from (str(row[key]) for row in mappings[name].values())
        elif not isinstance(branch, dict | list):
            yield str(branch)


def _branches(value: Any) -> Iterator[Any]:
    """Both sides of every Fn::If, without what is left out."""
    if isinstance(value, dict) and "Fn::If" in value:
        for side in value["Fn::If"][1:]:
            yield from _branches(side)
    elif value != {"Ref": "AWS::NoValue"}:
        yield value


def load(file: Path) -> Any:
    """A template, as dictionaries and lists that know their lines (`start_mark`)."""
    template, errors = decode(str(file))
    if errors or template is None:
        raise ValueError("; ".join(error.message for error in errors))
    return template
