"""A template as it would be with its default parameters: what its functions come to, and what its roles allow."""

import re
from fnmatch import fnmatchcase
from typing import Any

from infra.check.settings import load
from tests.support.server import ROOT

PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "AWS::NoValue": None}


class Template:
    """chosen: what some parameters are instead of their defaults."""

    def __init__(self, path: str, **chosen: str) -> None:
        self.content = load(ROOT / path)
        defaults = {name: parameter["Default"] for name, parameter in self.content["Parameters"].items()}
        self.known: dict[str, Any] = PSEUDO | defaults | chosen

    @property
    def resources(self) -> dict[str, Any]:
        return {name: resource for name, resource in self.content["Resources"].items() if self.exists(resource)}

    def exists(self, resource: Any) -> bool:
        return "Condition" not in resource or self.condition(resource["Condition"])

    def condition(self, name: str) -> bool:
        return self._truth(self.content["Conditions"][name])

    def _truth(self, node: Any) -> bool:
        ((function, value),) = node.items()
        if function == "Condition":
            return self.condition(value)
        if function == "Fn::Equals":
            return self.value(value[0]) == self.value(value[1])
        if function == "Fn::Not":
            return not self._truth(value[0])
        assert function == "Fn::And"
        return all(map(self._truth, value))

    def value(self, node: Any) -> Any:
        """What this comes to; of what only AWS knows, `<Resource>` or `<Resource.Attribute>`."""
        if isinstance(node, list):
            return [value for each in node if (value := self.value(each)) is not None]
        if not isinstance(node, dict):
            return node
        ((function, argument),) = node.items() if len(node) == 1 else (("", None),)
        if function not in ("Ref", "Condition") and not function.startswith("Fn::"):
            return {key: self.value(value) for key, value in node.items()}
        return getattr(self, "_" + function.removeprefix("Fn::").lower())(argument)

    def _ref(self, name: str) -> Any:
        return self.known.get(name, f"<{name}>")

    def _if(self, sides: list[Any]) -> Any:
        return self.value(sides[1] if self.condition(sides[0]) else sides[2])

    def _getatt(self, place: list[str]) -> str:
        return f"<{'.'.join(place)}>"

    def _findinmap(self, place: list[Any]) -> str:
        name, row, key = map(self.value, place)
        return str(self.content["Mappings"][name][row][key])

    def _join(self, parts: list[Any]) -> str:
        return str(parts[0]).join(self.value(parts[1]))

    def _importvalue(self, name: Any) -> str:
        return f"<{self.value(name)}>"

    def _sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        own = {name: self.value(value) for name, value in own.items()}
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(own.get(found[1], self._ref(found[1]))), text)


class Role:
    """What a role of a template may do."""

    def __init__(self, template: Template, name: str) -> None:
        role = template.value(template.resources[name]["Properties"])
        managed = [arn[1:-1] for arn in role.get("ManagedPolicyArns", []) if arn.startswith("<")]
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        documents += [template.value(template.resources[policy]["Properties"])["PolicyDocument"] for policy in managed]
        self.trusts = role["AssumeRolePolicyDocument"]["Statement"]
        self._statements = [statement for document in documents for statement in document["Statement"]]

    def may(self, action: str, resource: str) -> bool:
        """Under some condition or none."""
        assert all(statement["Effect"] == "Allow" for statement in self._statements)
        return any(
            _matches(action, statement["Action"]) and _matches(resource, statement["Resource"]) for statement in self._statements
        )


def _matches(name: str, patterns: str | list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))
