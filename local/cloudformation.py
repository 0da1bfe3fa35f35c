"""Reads a CloudFormation template and answers its intrinsic functions. Knows nothing of what a resource means here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

NO_VALUE = object()


class TemplateError(ValueError):
    """The template says something that the local cloud cannot do as AWS would."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
    """CloudFormation's short tags become the long form: !Sub x -> {"Fn::Sub": x}."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _tagged)  # type: ignore[no-untyped-call, unused-ignore]


def read(path: Path) -> dict[str, Any]:
    """The template as plain data, intrinsic functions in their long form."""
    with path.open(encoding="utf-8") as file:
        # A subclass of SafeLoader: only plain data comes out.
        loaded = yaml.load(file, Loader=_Loader)  # noqa: S506
    if not isinstance(loaded, dict) or "Resources" not in loaded:
        raise TemplateError(f"{path} is not a CloudFormation template")
    return loaded


def check_parameters(declared: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """Given values over defaults, checked as CloudFormation checks them. All values are strings, as there."""
    unknown = set(given) - set(declared)
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(sorted(unknown))}")
    values = {}
    for name, parameter in declared.items():
        if name not in given and "Default" not in parameter:
            raise TemplateError(f"parameter {name} needs a value")
        value = str(given.get(name, parameter.get("Default")))
        allowed = [str(option) for option in parameter.get("AllowedValues", [])]
        if allowed and value not in allowed:
            raise TemplateError(f"parameter {name} must be one of {', '.join(allowed)}, not {value!r}")
        pattern = parameter.get("AllowedPattern")
        if pattern and not re.fullmatch(pattern, value):
            raise TemplateError(f"parameter {name} must match {pattern}, not {value!r}")
        if parameter.get("Type") == "Number":
            _check_number(name, parameter, value)
        values[name] = value
    return values


def _check_number(name: str, parameter: dict[str, Any], value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise TemplateError(f"parameter {name} must be a number, not {value!r}") from None
    if number < float(parameter.get("MinValue", number)) or number > float(parameter.get("MaxValue", number)):
        raise TemplateError(f"parameter {name} = {value} is out of its range")


class Resolver:
    """Turns intrinsic functions into values; asks `reference` and `attribute` for what resources are called here."""

    def __init__(
        self,
        parameters: dict[str, str],
        conditions: dict[str, Any],
        mappings: dict[str, Any],
        reference: Callable[[str], str],
        attribute: Callable[[str, str], str],
    ) -> None:
        self.parameters = parameters
        self.conditions = conditions
        self.mappings = mappings
        self.reference = reference
        self.attribute = attribute

    def value(self, node: Any) -> Any:
        """`node` with every intrinsic function answered; entries that became AWS::NoValue are gone."""
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return self._ref(str(argument))
            if name == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if isinstance(name, str) and name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def holds(self, condition: str) -> bool:
        if condition not in self.conditions:
            raise TemplateError(f"no condition {condition}")
        return bool(self.value(self.conditions[condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.parameters:
            return self.parameters[name]
        return self.reference(name)

    def _function(self, name: str, argument: Any) -> Any:
        operations: dict[str, Callable[[Any], Any]] = {
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::Join": lambda given: str(given[0]).join(str(item) for item in self.value(given[1])),
            "Fn::Select": lambda given: self.value(given[1])[int(self.value(given[0]))],
            "Fn::Split": lambda given: str(self.value(given[1])).split(str(given[0])),
            "Fn::If": lambda given: self.value(given[1] if self.holds(given[0]) else given[2]),
            "Fn::Equals": lambda given: str(self.value(given[0])) == str(self.value(given[1])),
            "Fn::And": lambda given: all(self.value(item) for item in given),
            "Fn::Or": lambda given: any(self.value(item) for item in given),
            "Fn::Not": lambda given: not self.value(given[0]),
            "Fn::FindInMap": self._find_in_map,
            "Fn::ToJsonString": lambda given: json.dumps(self.value(given), separators=(",", ":")),
        }
        if name not in operations:
            raise TemplateError(f"{name} is not understood locally")
        return operations[name](argument)

    def _find_in_map(self, given: list[Any]) -> Any:
        mapping, first, second = (str(self.value(item)) for item in given)
        return self.mappings[mapping][first][second]

    def _get_att(self, given: Any) -> str:
        logical_id, attribute = given if isinstance(given, list) else str(given).split(".", 1)
        return self.attribute(logical_id, str(self.value(attribute)))

    def _sub(self, given: Any) -> str:
        text, names = (given, {}) if isinstance(given, str) else (given[0], self.value(given[1]))

        def replaced(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                return str(names[name])
            if "." in name:
                return self.attribute(*name.split(".", 1))
            return str(self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", replaced, text)
