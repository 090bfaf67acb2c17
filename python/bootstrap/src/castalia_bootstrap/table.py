"""Profile and clean a table. The statistics and their sources are in `castalia_bootstrap.statistics`.

The profile describes the table as it came (after trimming and after the given marks for missing values); the cleaning
steps run in the order trim, drop columns, duplicates, outliers, missing values. Each step says in the log what it changed.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from castalia.process import Input, InputError, Range

from castalia_bootstrap import statistics, tables

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

log = logging.getLogger("castalia.table")

Cell = str | float | None


@dataclass
class Column:
    """One column: its kind (`number`, `date`, `boolean`, `text`, `empty`) and its cells as text, None where missing."""

    name: str
    kind: str
    cells: list[str | None]
    unit: str | None

    def numbers(self) -> NDArray[np.float64]:
        return np.array([np.nan if cell is None else float(cell) for cell in self.cells])


def _kind(cells: list[str | None]) -> str:
    known = [cell for cell in cells if cell is not None]
    if not known:
        return "empty"
    if all(tables.number(cell) is not None for cell in known):
        return "number"
    if all(tables.moment(cell) is not None for cell in known):
        return "date"
    if {cell.lower() for cell in known} <= {"true", "false", "yes", "no"}:
        return "boolean"
    return "text"


def columns_of(table: tables.Table, marks: list[str]) -> list[Column]:
    """Cells trimmed, missing ones None, and the kind of each column."""
    extra = {mark.strip().lower() for mark in marks}
    found = []
    for name, texts in zip(table.names, table.columns, strict=True):
        cells: list[str | None] = []
        for text in texts:
            text = text.strip()
            cells.append(None if tables.is_missing(text) or text.lower() in extra else text)
        found.append(Column(name, _kind(cells), cells, table.units.get(name)))
    return found


def duplicate_rows(columns: list[Column]) -> list[bool]:
    """True for each row that repeats an earlier one in all columns."""
    seen: set[tuple[str | None, ...]] = set()
    found = []
    for row in zip(*(column.cells for column in columns), strict=True):
        found.append(row in seen)
        seen.add(row)
    return found


def profile(columns: list[Column], method: str, factor: float | None) -> list[dict[str, Any]]:
    """What each column holds: kind, missing, distinct values, statistics, outliers, most frequent values."""
    described = []
    for column in columns:
        known = [cell for cell in column.cells if cell is not None]
        entry: dict[str, Any] = {
            "name": column.name,
            "kind": column.kind,
            "unit": column.unit,
            "count": len(known),
            "missing": len(column.cells) - len(known),
            "distinct": len(set(known)),
        }
        if column.kind == "number":
            values = column.numbers()
            entry |= statistics.describe(values)
            low, high = statistics.fences(values, method, factor)
            entry["outliers"] = {"method": method, "low": low, "high": high, "count": int(((values < low) | (values > high)).sum())}
        elif column.kind == "date":
            moments = sorted(known, key=lambda cell: tables.moment(cell) or 0.0)
            entry |= {"first": moments[0], "last": moments[-1]}
        elif known:
            entry["most_frequent"] = [{"value": value, "count": count} for value, count in Counter(known).most_common(5)]
            entry["length"] = {"shortest": min(map(len, known)), "longest": max(map(len, known))}
        described.append(entry)
    return described


def _keep_rows(columns: list[Column], keep: list[bool]) -> None:
    for column in columns:
        column.cells = [cell for cell, kept in zip(column.cells, keep, strict=True) if kept]


def _treat_outliers(columns: list[Column], how: str, method: str, factor: float | None) -> int:
    """Blank, clip or drop outliers of the numeric columns; returns how many cells."""
    touched, keep = 0, [True] * len(columns[0].cells)
    for column in columns:
        if column.kind != "number":
            continue
        values = column.numbers()
        low, high = statistics.fences(values, method, factor)
        for at in np.flatnonzero((values < low) | (values > high)):
            touched += 1
            keep[at] = False
            column.cells[at] = None if how == "blank" else repr(low if values[at] < low else high) if how == "clip" else column.cells[at]
    if how == "drop":
        _keep_rows(columns, keep)
    return touched


def _interpolated(values: NDArray[np.float64]) -> NDArray[np.float64]:
    at, known = np.arange(len(values)), np.isfinite(values)
    filled = np.interp(at, at[known], values[known])
    # Before the first and after the last value there is nothing to interpolate between.
    inside = (at >= at[known][0]) & (at <= at[known][-1])
    return np.where(inside, filled, np.nan)


def _treat_missing(columns: list[Column], how: str) -> int:
    """Fill numeric gaps, or drop rows with any gap; returns the number of cells filled or of rows dropped."""
    if how == "drop_rows":
        keep = [all(cell is not None for cell in row) for row in zip(*(column.cells for column in columns), strict=True)]
        _keep_rows(columns, keep)
        return len(keep) - sum(keep)
    filled = 0
    for column in columns:
        if column.kind != "number" or None not in column.cells:
            continue
        values = column.numbers()
        if how == "interpolate":
            replacement = _interpolated(values)
        else:
            middle = np.nanmean(values) if how == "mean" else np.nanmedian(values)
            replacement = np.full(len(values), middle)
        for at in np.flatnonzero(np.isnan(values) & np.isfinite(replacement)):
            column.cells[at] = repr(float(replacement[at]))
            filled += 1
    return filled


class TableProfile:
    """Profile and clean a table.

    Describes every column (kind, missing values, quantiles, duplicates, outliers) and writes a cleaned copy: marks of
    missing values unified, and, as asked, duplicates dropped, outliers treated and gaps filled.
    """

    name = "table"
    title = "Profile and clean a table"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 1024, "storage_mb": 512, "deadline_s": 600}
    outputs = [
        {"name": "profile", "media_type": "application/json", "description": "Description of every column"},
        {"name": "cleaned", "media_type": "text/csv", "description": "The cleaned table, empty cells where a value is missing"},
        {
            "name": "summary",
            "media_type": "application/json",
            "description": "Rows and columns before and after, and what each step changed",
        },
    ]
    examples = [
        {
            "title": "What is in the Mauna Loa record",
            "about": "Counts, ranges and gaps of every column, and outliers if there are any.",
            "parameters": {"input": "upload:mauna-loa-co2.csv"},
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*tables.MEDIA_TYPES)],
        missing_marks: list[str] | None = None,
        drop_columns: list[str] | None = None,
        duplicates: Literal["keep", "drop"] = "drop",
        outliers: Literal["keep", "blank", "clip", "drop"] = "keep",
        outlier_method: Literal["iqr", "mad"] = "iqr",
        outlier_factor: Annotated[float, Range(above=0)] | None = None,
        missing: Literal["keep", "drop_rows", "mean", "median", "interpolate"] = "keep",
        sort_by: str | None = None,
    ) -> None:
        """Profile and clean.

        Parameters
        ----------
        input : reference
            Table with a header line; comma, semicolon, tab or bar as delimiter, or JSON.
        missing_marks : list
            Further marks of a missing value, for instance -99.99, beside the empty cell, NA, NaN, null and the like.
        drop_columns : list
            Columns to leave out of the cleaned table.
        duplicates : str
            What to do with rows that repeat an earlier row in all columns.
        outliers : str
            What to do with outliers of numeric columns: keep them, blank the cell, clip to the fence, drop the row.
        outlier_method : str
            iqr: beyond the quartiles by a multiple of their distance; mad: by the median absolute deviation.
        outlier_factor : float
            The multiple; empty for 1.5 (iqr) or 3.5 (mad).
        missing : str
            What to do with missing values: keep, drop the row, or fill numeric columns with the mean, the median, or
            by linear interpolation between the rows above and below.
        sort_by : str
            Column to sort the cleaned table by, rising, missing values last.
        """
        storage.progress(0.0, "reading")
        table = tables.read(storage, input)
        columns = columns_of(table, missing_marks or [])
        for column in columns:
            if column.kind == "text":
                _warn_almost_numbers(column, table)
        storage.progress(0.3, "profiling")
        repeated = duplicate_rows(columns)
        described = profile(columns, outlier_method, outlier_factor)
        result = {"rows": table.rows, "columns": described, "duplicate_rows": sum(repeated)}
        storage.write_json("profile", result, "Description of every column")
        storage.progress(0.6, "cleaning")
        steps: dict[str, int] = {}
        unwanted = {table.find(name, "unwanted") for name in drop_columns or []}
        columns = [column for column in columns if column.name not in unwanted]
        if not columns:
            raise InputError("drop_columns names all columns; leave at least one")
        if duplicates == "drop":
            _keep_rows(columns, [not again for again in repeated])
            steps["duplicate_rows_dropped"] = sum(repeated)
        if outliers != "keep":
            steps[f"outliers_{outliers}"] = _treat_outliers(columns, outliers, outlier_method, outlier_factor)
        if missing != "keep":
            steps["rows_with_gaps_dropped" if missing == "drop_rows" else "cells_filled"] = _treat_missing(columns, missing)
        if sort_by:
            _sort(columns, table.find(sort_by, "sort"))
        for step, count in steps.items():
            log.info("%s: %d", step.replace("_", " "), count)
        storage.progress(0.9, "writing")
        units = {column.name: column.unit for column in columns if column.unit}
        storage.write_csv("cleaned", {column.name: column.cells for column in columns}, units, "Cleaned table")
        summary = {
            "rows": {"before": table.rows, "after": len(columns[0].cells)},
            "columns": {"before": len(table.names), "after": len(columns)},
            "kinds": dict(Counter(entry["kind"] for entry in described)),
            "missing_cells": {
                "before": sum(entry["missing"] for entry in described),
                "after": sum(column.cells.count(None) for column in columns),
            },
            "duplicate_rows": sum(repeated),
            "steps": steps,
        }
        storage.write_json("summary", summary, "What the cleaning changed")
        storage.progress(1.0, "done")


def _warn_almost_numbers(column: Column, table: tables.Table) -> None:
    """A few words among numbers are mostly marks of missing values or slips of typing: say where."""
    odd = [at for at, cell in enumerate(column.cells) if cell is not None and tables.number(cell) is None]
    known = len(column.cells) - column.cells.count(None)
    if odd and len(odd) <= 0.05 * known:
        log.warning(
            "column %r is text because of %d cells such as %r in line %d; correct them or add them to missing_marks",
            column.name,
            len(odd),
            column.cells[odd[0]],
            table.lines[odd[0]],
        )


def _sort(columns: list[Column], name: str) -> None:
    by = next((column for column in columns if column.name == name), None)
    if by is None:
        raise InputError(f"sort_by names {name!r}, which drop_columns removes")

    def key(at: int) -> tuple[bool, Any]:
        cell = by.cells[at]
        if cell is None:
            return True, 0.0
        if by.kind == "number":
            return False, float(cell)
        return False, (tables.moment(cell) or 0.0) if by.kind == "date" else cell

    # Missing cells share one key and never meet a value, because the flag decides first.
    order = sorted(range(len(by.cells)), key=key)
    for column in columns:
        column.cells = [column.cells[at] for at in order]
