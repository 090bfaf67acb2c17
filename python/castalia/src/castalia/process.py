"""The SDK for process types.

A process type is a class with `run(self, storage, **params)`, published under the entry point group
`castalia.process_types`. Its JSON Schema comes from a classmethod `schema()` or from the annotations, the defaults and
the docstring of `run` (see `castalia.schema`). Class attributes that the server reads, all optional:

| attribute       | meaning                                                                          |
|-----------------|----------------------------------------------------------------------------------|
| `name`          | public name; else the name of the entry point                                    |
| `title`         | a few words for people                                                           |
| `description`   | longer text; else the docstring of the class                                     |
| `version`       | string; raise it when the same parameters would give another result              |
| `deterministic` | True when equal parameters and inputs always give equal outputs (default False)   |
| `resources`     | defaults: `cpu` (cores), `memory_mb`, `storage_mb`, `gpu` (count), `deadline_s`   |
| `outputs`       | what a run writes: list of `{name, media_type, description, columns, units}`      |
| `examples`      | what can be tried at once: list of `{title, about, parameters}`                   |

This module stays free of heavy imports, since every run pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from castalia.storage import Storage

__all__ = ["Cancelled", "Dataset", "Field", "Input", "InputError", "Range", "Storage", "Unit", "Upload"]


def __getattr__(name: str) -> Any:
    if name == "Storage":
        from castalia.storage import Storage

        return Storage
    raise AttributeError(f"module 'castalia.process' has no attribute {name!r}")


class Cancelled(BaseException):
    """The run was asked to stop (SIGTERM).

    Raised in the main thread, so that `finally:` blocks run. Not an `Exception`: a broad `except Exception` in a
    process type must not swallow a cancel.
    """


class InputError(ValueError):
    """The input or a parameter is unusable; the message says where and what to do.

    The runner prints it without a traceback, for it is addressed to whoever started the run.
    """


class Dataset(str):
    """Annotation for a parameter that names data: `dataset:ID` or `upload:NAME`."""


class Upload(str):
    """Annotation for a parameter that names an uploaded file: `upload:NAME` only."""


class Input:
    """Metadata for `Annotated[str, Input("text/csv", ...)]`: the parameter names data of these media types.

    Without media types anything is accepted. Around `Upload` instead of `str` only uploads are accepted.
    """

    def __init__(self, *media_types: str) -> None:
        self.media_types = media_types

    def keywords(self) -> dict[str, Any]:
        found: dict[str, Any] = {"format": "dataset"}
        if self.media_types:
            found["accepts"] = list(self.media_types)
        return found


class Unit:
    """Metadata: the physical unit of a number, for instance `Annotated[float, Unit("Hz")]`."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def keywords(self) -> dict[str, Any]:
        return {"unit": self.unit}


class Range:
    """Metadata: bounds of a number. `minimum` and `maximum` include the bound, `above` and `below` do not."""

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        above: float | None = None,
        below: float | None = None,
    ) -> None:
        self.bounds = {"minimum": minimum, "maximum": maximum, "exclusiveMinimum": above, "exclusiveMaximum": below}

    def keywords(self) -> dict[str, Any]:
        return {key: bound for key, bound in self.bounds.items() if bound is not None}


class Field:
    """Metadata: any further JSON Schema keywords, for instance `Field(title="Window", examples=["hann"])`."""

    def __init__(self, **keywords: Any) -> None:
        self.extra = keywords

    def keywords(self) -> dict[str, Any]:
        return dict(self.extra)
