"""Schemas from annotations, defaults and docstrings, and the way back."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, TypedDict, Union

import pytest
from castalia.process import Dataset, Field, Input, Range, Unit, Upload
from jsonschema import Draft202012Validator

from castalia import schema

if TYPE_CHECKING:
    from castalia.process import Storage


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Layer:
    """A layer.

    Args:
        depth: Depth of its top, in m.
    """

    depth: Annotated[float, Unit("m")]
    names: list[str] = dataclasses.field(default_factory=list)


class Window(TypedDict, total=False):
    start: float


class MinLen:
    """Looks like annotated_types.MinLen."""

    min_length = 2


CASES: list[tuple[Any, dict[str, Any]]] = [
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (Any, {}),
    (
        Annotated[str, Input("text/csv", "application/json")],
        {"type": "string", "format": "dataset", "accepts": ["text/csv", "application/json"]},
    ),
    (Annotated[Upload, Input("text/csv")], {"type": "string", "format": "upload", "accepts": ["text/csv"]}),
    (Dataset, {"type": "string", "format": "dataset"}),
    (Upload, {"type": "string", "format": "upload"}),
    (Input, {"type": "string", "format": "dataset"}),
    (list[Annotated[str, Input()]], {"type": "array", "items": {"type": "string", "format": "dataset"}}),
    (Annotated[float, Unit("Hz"), Range(0, below=5)], {"type": "number", "unit": "Hz", "minimum": 0, "exclusiveMaximum": 5}),
    (Annotated[list[int], MinLen()], {"type": "array", "items": {"type": "integer"}, "minItems": 2}),
    (Annotated[str, "what it is", Field(title="It")], {"type": "string", "description": "what it is", "title": "It"}),
    (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
    (Literal["a", 1], {"type": ["string", "integer"], "enum": ["a", 1]}),
    (Colour, {"type": "string", "enum": ["red", "blue"]}),
    (Optional[int], {"type": ["integer", "null"]}),
    (Optional[Literal["a"]], {"type": ["string", "null"], "enum": ["a", None]}),
    (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    (Union[list[int], None], {"type": ["array", "null"], "items": {"type": "integer"}}),
    (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
    (tuple[int, str], {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2}),
    (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
    (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
    (dict, {"type": "object"}),
    (datetime.date, {"type": "string", "format": "date"}),
    (Window, {"type": "object", "properties": {"start": {"type": "number"}}, "required": [], "additionalProperties": False}),
    (
        Layer,
        {
            "type": "object",
            "properties": {
                "depth": {"type": "number", "unit": "m", "description": "Depth of its top, in m."},
                "names": {"type": "array", "items": {"type": "string"}, "default": []},
            },
            "required": ["depth"],
            "additionalProperties": False,
        },
    ),
]


@pytest.mark.parametrize(("annotation", "expected"), CASES, ids=[str(case[0])[:60] for case in CASES])
def test_annotations(annotation: Any, expected: dict[str, Any]) -> None:
    found = schema.of_type(annotation)
    assert found == expected
    Draft202012Validator.check_schema(found)


class Numpy:
    """A type."""

    def run(self, storage: Storage, b: int, a: Colour = Colour.RED, *, c: Optional[float] = None) -> None:
        """Do it.

        Parameters
        ----------
        b : int, pixels
            First line
            and second.
        a : Colour
            The colour.

        Returns
        -------
        nothing
            at all
        """


class Google:
    def run(self, storage, b: int, a: str = "x"):
        """Do it.

        Args:
            b (int): The b: with a colon,
                and another line.
            a: The a.

        Returns:
            c: not a parameter
        """


class Sphinx:
    def run(self, storage, b: int, a: str = "x"):
        """Do it.

        :param int b: The b,
            and another line.
        :param a: The a.
        :returns: nothing
        """


def test_numpy_docstring_defaults_and_order() -> None:
    found = schema.of(Numpy)
    Draft202012Validator.check_schema(found)
    assert list(found["properties"]) == ["b", "a", "c"]
    assert found["required"] == ["b"]
    assert found["additionalProperties"] is False
    assert found["properties"]["b"] == {"type": "integer", "description": "First line and second."}
    assert found["properties"]["a"] == {"type": "string", "enum": ["red", "blue"], "description": "The colour.", "default": "red"}
    assert found["properties"]["c"] == {"type": ["number", "null"], "default": None}


def test_google_docstring() -> None:
    properties = schema.of(Google)["properties"]
    assert properties["b"]["description"] == "The b: with a colon, and another line."
    assert properties["a"]["description"] == "The a."


def test_sphinx_docstring() -> None:
    properties = schema.of(Sphinx)["properties"]
    assert properties["b"]["description"] == "The b, and another line."
    assert properties["a"]["description"] == "The a."


def test_arguments_are_converted() -> None:
    class Type:
        def run(
            self,
            storage,
            layers: list[Layer],
            colour: Colour,
            scale: float,
            at: datetime.datetime,
            pair: tuple[int, int],
            also: Optional[Colour] = None,
        ):
            pass

    found = schema.arguments(
        Type, {"layers": [{"depth": 3}], "colour": "blue", "scale": 2, "at": "2024-01-02T03:04:05Z", "pair": [1, 2], "also": "red"}
    )
    assert found["layers"] == [Layer(3.0)]
    assert isinstance(found["layers"][0].depth, float)
    assert found["colour"] is Colour.BLUE
    assert isinstance(found["scale"], float)
    assert found["at"] == datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    assert found["pair"] == (1, 2)
    assert found["also"] is Colour.RED


def test_unknown_and_missing_parameters_are_all_named() -> None:
    with pytest.raises(TypeError, match=r"unknown d, e; missing b; known are b, a, c"):
        schema.arguments(Numpy, {"d": 1, "e": 2})


def test_own_schema_wins_and_gives_defaults() -> None:
    class Own:
        @classmethod
        def schema(cls) -> dict[str, Any]:
            return {"properties": {"n": {"type": "integer", "default": 4}}}

        def run(self, storage, **params: Any) -> None:
            pass

    assert schema.of(Own)["additionalProperties"] is False
    assert schema.arguments(Own, {}) == {"n": 4}


def test_what_json_cannot_say_is_refused() -> None:
    class Bad:
        def run(self, storage, x: complex):
            pass

    with pytest.raises(schema.SchemaError, match="complex"):
        schema.of(Bad)


class Shown:
    examples = [{"title": "One", "about": "Try it.", "parameters": {"colour": Colour.RED}}]

    def run(self, storage: Any, colour: Colour = Colour.BLUE) -> None: ...


def test_examples_stand_at_the_root_of_the_schema() -> None:
    found = schema.of(Shown)
    assert found["examples"] == [{"title": "One", "about": "Try it.", "parameters": {"colour": "red"}}]
    Draft202012Validator.check_schema(found)
