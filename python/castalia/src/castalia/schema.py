"""JSON Schema (draft 2020-12) from the signature of `run`, and the way back from JSON to Python values.

`of(cls)` gives the schema of a process type, `arguments(cls, values)` the keyword arguments for its `run`. Both read
the same annotations, so what validates also converts. Fields keep the order of the source; objects are closed
(`additionalProperties: false`).
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import enum
import inspect
import sys
import types
import typing
from typing import Any

from castalia import docs
from castalia.process import Dataset, Input, Upload

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    Dataset: {"type": "string", "format": "dataset"},
    Upload: {"type": "string", "format": "upload"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.datetime: {"type": "string", "format": "date-time"},
}
_LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, set, frozenset)
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


class SchemaError(TypeError):
    """A parameter of a process type has an annotation that JSON Schema cannot express."""


def _enumeration(values: list[Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(_JSON_TYPES.get(type(value), "") for value in values))
    found: dict[str, Any] = {"enum": values}
    if "" not in kinds:
        found = {"type": kinds[0] if len(kinds) == 1 else kinds, **found}
    return found


def _union(options: tuple[Any, ...]) -> dict[str, Any]:
    nullable = type(None) in options
    rest = [of_type(option) for option in options if option is not type(None)]
    if len(rest) == 1 and nullable and isinstance(rest[0].get("type"), str):
        found = {**rest[0], "type": [rest[0]["type"], "null"]}
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
        return found
    return {"anyOf": rest + ([{"type": "null"}] if nullable else [])}


def _object(fields: dict[str, Any], required: list[str], defaults: dict[str, Any], text: str | None) -> dict[str, Any]:
    described = docs.parameters(text)
    properties = {}
    for name, annotation in fields.items():
        field = of_type(annotation)
        if name in described:
            field.setdefault("description", described[name])
        if name in defaults:
            field["default"] = plain(defaults[name])
        properties[name] = field
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _dataclass(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields, required, defaults = {}, [], {}
    for field in dataclasses.fields(cls):
        fields[field.name] = hints[field.name]
        if field.default is not dataclasses.MISSING:
            defaults[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            defaults[field.name] = field.default_factory()
        else:
            required.append(field.name)
    return _object(fields, required, defaults, cls.__doc__)


def _is_typed_dict(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, dict) and hasattr(annotation, "__required_keys__")


def _metadata(found: dict[str, Any], metadata: tuple[Any, ...]) -> dict[str, Any]:
    for item in metadata:
        if isinstance(item, str):
            found["description"] = item
        elif isinstance(item, type) and issubclass(item, Input):
            found.setdefault("format", "dataset")
        elif hasattr(item, "keywords"):
            upload = found.get("format") == "upload"
            found.update(item.keywords())
            if upload:
                found["format"] = "upload"
        else:
            found.update(_foreign(item, found))
    return found


def _foreign(item: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Constraints of the `annotated_types` family, known by their attributes so that the package is not needed."""
    size = "Items" if found.get("type") == "array" else "Length"
    names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    names |= {"multiple_of": "multipleOf", "min_length": f"min{size}", "max_length": f"max{size}"}
    values = {keyword: getattr(item, name, None) for name, keyword in names.items()}
    return {keyword: value for keyword, value in values.items() if value is not None}


def _generic(origin: Any, parameters: tuple[Any, ...]) -> dict[str, Any] | None:
    if origin in _LISTS:
        found: dict[str, Any] = {"type": "array"}
        if parameters:
            found["items"] = of_type(parameters[0])
        return found | ({"uniqueItems": True} if origin in (set, frozenset) else {})
    if origin is tuple:
        if len(parameters) == 2 and parameters[1] is Ellipsis:
            return {"type": "array", "items": of_type(parameters[0])}
        items = [of_type(parameter) for parameter in parameters]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)} if items else {"type": "array"}
    if origin in _MAPS:
        values = {"additionalProperties": of_type(parameters[1])} if len(parameters) == 2 else {}
        return {"type": "object", **values}
    return None


def of_type(annotation: Any) -> dict[str, Any]:
    """The schema of one annotation. Raises `SchemaError` for what JSON cannot carry."""
    if annotation in (Any, inspect.Parameter.empty, object):
        return {}
    if annotation is None:
        return {"type": "null"}
    if isinstance(annotation, collections.abc.Hashable) and annotation in _PLAIN:
        return dict(_PLAIN[annotation])
    if isinstance(annotation, Input) or (isinstance(annotation, type) and issubclass(annotation, Input)):
        return _metadata({"type": "string"}, (annotation,))
    origin, parameters = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _metadata(of_type(parameters[0]), annotation.__metadata__)
    if origin is typing.Literal:
        return _enumeration(list(parameters))
    if origin in (typing.Union, types.UnionType):
        return _union(parameters)
    if getattr(origin, "__name__", "") in ("Required", "NotRequired", "ReadOnly"):
        return of_type(parameters[0])
    if _is_typed_dict(annotation):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return _object(hints, [n for n in hints if n in annotation.__required_keys__], {}, annotation.__doc__)
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enumeration([member.value for member in annotation])
    found = _generic(origin or annotation, parameters)
    if found is None:
        raise SchemaError(f"annotation {annotation!r} has no JSON Schema; use JSON types, an Enum, a dataclass or schema()")
    return found


def plain(value: Any) -> Any:
    """A default value as JSON can say it."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _signature(cls: type) -> tuple[dict[str, inspect.Parameter], dict[str, Any], bool]:
    """Parameters of `run` without self and storage, their hints, and whether `**params` takes the rest."""
    run = getattr(cls, "run", None)
    if not callable(run):
        raise SchemaError(f"{cls.__module__}.{cls.__qualname__} has no method run(self, storage, **params)")
    parameters = list(inspect.signature(run).parameters.values())
    if len(parameters) < 2:
        raise SchemaError(f"{cls.__qualname__}.run must take self and storage before its parameters")
    rest = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = {parameter.name: parameter for parameter in parameters[2:] if parameter.kind not in variable}
    return named, _hints(run, named), rest


def _hints(run: Any, names: collections.abc.Iterable[str]) -> dict[str, Any]:
    """The annotations of these parameters. Those of `self`, `storage` and the result are never looked at: their names may
    be imported for type checkers only."""
    run = inspect.unwrap(run)
    if sys.version_info >= (3, 14):
        import annotationlib

        found = annotationlib.get_annotations(run, format=annotationlib.Format.FORWARDREF)
    else:
        found = run.__annotations__
    stand_in = types.SimpleNamespace(__annotations__={name: found[name] for name in names if name in found})
    return typing.get_type_hints(stand_in, globalns=run.__globals__, include_extras=True)


def of(cls: type) -> dict[str, Any]:
    """The schema of the parameters of a process type, with its `examples` at the root."""
    found = _of(cls)
    examples = [plain(dict(example)) for example in getattr(cls, "examples", None) or []]
    return found | ({"examples": examples} if examples else {})


def _of(cls: type) -> dict[str, Any]:
    own = getattr(cls, "schema", None)
    if callable(own):
        found = own()
        if not isinstance(found, dict):
            raise SchemaError(f"{cls.__qualname__}.schema() returned {type(found).__name__}, not a dict")
        return {"$schema": DRAFT, "type": "object", "additionalProperties": False, **found}
    named, hints, rest = _signature(cls)
    empty = inspect.Parameter.empty
    fields = {name: hints.get(name, Any) for name in named}
    required = [name for name, parameter in named.items() if parameter.default is empty]
    defaults = {name: parameter.default for name, parameter in named.items() if parameter.default is not empty}
    run: Any = getattr(cls, "run", None)
    texts = (cls.__doc__, run.__doc__)
    found = _object(fields, required, defaults, "\n\n".join(inspect.cleandoc(text or "") for text in texts))
    if rest:
        found["additionalProperties"] = True
    return {"$schema": DRAFT, **found}


def convert(annotation: Any, value: Any) -> Any:
    """A JSON value as the annotation wants it: enums, dataclasses, dates, tuples, sets; the rest passes as it is."""
    origin, parameters = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return convert(parameters[0], value)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(parameters, value)
    if annotation is float and type(value) is int:
        return float(value)
    if annotation in (Dataset, Upload) and isinstance(value, str):
        return annotation(value)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return annotation(value)
    if annotation in (datetime.date, datetime.datetime) and isinstance(value, str):
        return annotation.fromisoformat(value.replace("Z", "+00:00"))
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type) and isinstance(value, dict):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return annotation(**{name: convert(hints.get(name, Any), item) for name, item in value.items()})
    kind = origin or annotation
    if isinstance(value, list) and kind in (*_LISTS, tuple):
        return _convert_list(kind, parameters, value)
    if isinstance(value, dict) and kind in _MAPS and len(parameters) == 2:
        return {key: convert(parameters[1], item) for key, item in value.items()}
    return value


def _convert_list(kind: Any, parameters: tuple[Any, ...], value: list[Any]) -> Any:
    if kind is tuple and parameters and parameters[-1] is not Ellipsis:
        return tuple(convert(annotation, item) for annotation, item in zip(parameters, value, strict=True))
    items = [convert(parameters[0], item) for item in value] if parameters else list(value)
    return kind(items) if kind in (tuple, set, frozenset) else items


def _convert_union(options: tuple[Any, ...], value: Any) -> Any:
    if value is None and type(None) in options:
        return None
    for option in options:
        if option is type(None):
            continue
        try:
            return convert(option, value)
        except (TypeError, ValueError):
            continue
    return value


def arguments(cls: type, values: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments for `run`: defaults of a hand-written schema applied, values converted.

    Raises `TypeError` that names every unknown and every missing parameter. It does not validate further: the server
    has done that before it queued the run.
    """
    named, hints, rest = _signature(cls)
    if callable(getattr(cls, "schema", None)):
        properties = of(cls).get("properties", {})
        values = {name: field["default"] for name, field in properties.items() if "default" in field} | values
    empty = inspect.Parameter.empty
    unknown = [] if rest else [name for name in values if name not in named]
    missing = [name for name, parameter in named.items() if parameter.default is empty and name not in values]
    if unknown or missing:
        said = [f"unknown {', '.join(unknown)}"] if unknown else []
        said += [f"missing {', '.join(missing)}"] if missing else []
        raise TypeError(f"parameters do not fit {cls.__qualname__}: {'; '.join(said)}; known are {', '.join(named) or 'none'}")
    return {name: convert(hints.get(name, Any), value) for name, value in values.items()}
