"""Parameter descriptions out of docstrings: numpy, google and sphinx style.

Only what a schema needs is read: the summary text and one description per parameter. Anything that is not understood
is ignored, since a docstring is written for people first.
"""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"^(Parameters|Other Parameters|Args|Arguments|Params)\s*:?\s*$")
_ANY_SECTION = re.compile(r"^[A-Z][A-Za-z ]{2,30}:?\s*$")
_SPHINX = re.compile(r"^:param(?:\s+[^:\s]+)*?\s+\*{0,2}(\w+)\s*:\s*(.*)$")
_GOOGLE = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_NUMPY = re.compile(r"^\*{0,2}(\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(re.match(r"^\s*-{3,}\s*$", lines[at + 1]))


def _numpy(lines: list[str], at: int) -> dict[str, str]:
    found: dict[str, str] = {}
    names: list[str] = []
    for number in range(at, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if _underlined(lines, number):
            break
        if _indent(line) == 0:
            match = _NUMPY.match(line)
            names = [name.strip().lstrip("*") for name in match.group(1).split(",")] if match else []
            found.update(dict.fromkeys(names, ""))
        else:
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _google(lines: list[str], at: int) -> dict[str, str]:
    found: dict[str, str] = {}
    name, level = "", 0
    for line in lines[at:]:
        if not line.strip():
            continue
        depth = _indent(line)
        if depth == 0:
            break
        level = level or depth
        match = _GOOGLE.match(line.strip()) if depth == level else None
        if match:
            name = match.group(1)
            found[name] = match.group(2).strip()
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _sphinx(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        match = _SPHINX.match(line.strip())
        if match:
            name = match.group(1)
            found[name] = match.group(2).strip()
        elif name and line.strip() and _indent(line) > 0:
            found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            name = ""
    return found


def parameters(docstring: str | None) -> dict[str, str]:
    """Parameter name -> description, in the order of the docstring; empty when there are none."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    found = _sphinx(lines)
    for at, line in enumerate(lines):
        if _SECTION.match(line):
            found.update(_numpy(lines, at + 2) if _underlined(lines, at) else _google(lines, at + 1))
    return {name: text for name, text in found.items() if text}


def summary(docstring: str | None) -> str:
    """The text before the first section of a docstring, its line breaks inside paragraphs kept."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    for at, line in enumerate(lines):
        section = _SECTION.match(line) or (_ANY_SECTION.match(line) and _underlined(lines, at))
        if section or line.startswith(":param") or line.startswith(":return"):
            return "\n".join(lines[:at]).strip()
    return "\n".join(lines).strip()
