"""Dialects of CSV, dates, and JSON tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from castalia.testing import LocalStorage
from castalia_bootstrap import tables


def read(tmp_path: Path, data: bytes) -> tables.Table:
    (tmp_path / "t.csv").write_bytes(data)
    return tables.read(LocalStorage(tmp_path, {"upload:t": tmp_path / "t.csv"}), "upload:t")


@pytest.mark.parametrize(
    "data",
    [
        b"a,b (m)\n1,2.5\n",
        b"# a comment\na;b (m)\n1;2,5\n\n",
        b"\xef\xbb\xbfa\tb (m)\r\n1\t2.5\r\n",
        "a|b (m)\n1|2.5\n".encode("utf-16"),
        b'"a", "b (m)"\n"1", "2.5"\n',
        b'[{"a": 1, "b (m)": 2.5}]',
        b'{"a": [1], "b (m)": [2.5]}',
    ],
)
def test_dialects(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, data)
    assert table.names == ["a", "b (m)"]
    assert table.numbers(table.find("B", "")).tolist() == [2.5]
    assert table.units == {"b (m)": "m"}


def test_the_line_is_that_of_the_file(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n"two\nlines",1\n\nx,oops\n')
    with pytest.raises(tables.InputError, match="column 'b', line 5: 'oops'"):
        table.numbers("b")


def test_repeated_and_empty_names(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,,a\n1,2,3\n").names == ["a", "column_2", "a_2"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86400),
        ("1970-02", 31 * 86400),
        ("1970-01-01T00:01", 60),
        ("1970-01-01 00:00:01.5Z", 1.5),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T23:00:00-0100", 0),
        ("1970-13-01", None),
        ("yesterday", None),
        ("1970", None),
    ],
)
def test_moments(text: str, seconds: float | None) -> None:
    assert tables.moment(text) == seconds


def test_missing_cells_are_nan(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n1,\n2,NA\n3,-99\n")
    assert np.isnan(table.numbers("b", missing_value=-99)).all()
