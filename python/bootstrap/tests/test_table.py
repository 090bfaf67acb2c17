"""Profiles and cleaning against results that can be checked by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from castalia.process import InputError
from castalia.testing import LocalStorage, run
from castalia_bootstrap import demo, statistics
from castalia_bootstrap.table import TableProfile

TEXT = """name,n,when,ok,extra
 a ,1,2020-01-01,yes,
b,2,2020-01-03,no,
b,2,2020-01-03,no,
c,,2020-01-02,yes,
d,4,2019-05-05,yes,
e,5,2020-02-01,no,
f,100,2020-02-02,no,
"""


def clean(tmp_path: Path, text: str = TEXT, **params: Any) -> tuple[list[dict[str, str]], LocalStorage]:
    (tmp_path / "t.csv").write_text(text)
    storage = LocalStorage(tmp_path, {"upload:t.csv": tmp_path / "t.csv"})
    run(TableProfile, storage, input="upload:t.csv", **params)
    return list(csv.DictReader(io.StringIO(storage.read("cleaned").decode()))), storage


def test_profile(tmp_path: Path) -> None:
    _, storage = clean(tmp_path)
    found = storage.read_json("profile")
    columns = {column["name"]: column for column in found["columns"]}
    assert (found["rows"], found["duplicate_rows"]) == (7, 1)
    assert {name: column["kind"] for name, column in columns.items()} == {
        "name": "text",
        "n": "number",
        "when": "date",
        "ok": "boolean",
        "extra": "empty",
    }
    assert (columns["n"]["count"], columns["n"]["missing"], columns["n"]["distinct"]) == (6, 1, 5)
    assert columns["n"]["mean"] == pytest.approx(19)
    assert columns["n"]["outliers"]["count"] == 1
    assert (columns["when"]["first"], columns["when"]["last"]) == ("2019-05-05", "2020-02-02")
    assert columns["name"]["most_frequent"][0] == {"value": "b", "count": 2}


def test_quantiles_are_type_7() -> None:
    """Hyndman & Fan (1996), type 7, as R's default: quantile(1:10) gives 3.25, 5.5, 7.75."""
    found = statistics.describe(np.arange(1.0, 11.0))["quantiles"]
    assert [found[q] for q in ("0.25", "0.5", "0.75")] == [3.25, 5.5, 7.75]


def test_moments_of_a_known_sample() -> None:
    found = statistics.describe(np.array([2.0, 4, 4, 4, 5, 5, 7, 9]))
    assert found["mean"] == 5
    assert found["standard_deviation"] == pytest.approx(np.sqrt(32 / 7))
    assert found["skewness"] == pytest.approx(5.25 / 8)


def test_outliers_of_iglewicz_and_hoaglin() -> None:
    """|0.6745 (x - median)| / MAD > 3.5: for 1..9 and 50 the median is 5.5 and the MAD 2.5."""
    low, high = statistics.fences(np.array([*range(1, 10), 50.0]), "mad")
    assert (low, high) == pytest.approx((5.5 - 3.5 * 2.5 / 0.6745, 5.5 + 3.5 * 2.5 / 0.6745))


def test_tukeys_fences() -> None:
    assert statistics.fences(np.array([1.0, 2, 3, 4, 5]), "iqr") == (-1, 7)
    assert statistics.fences(np.full(9, 3.0), "iqr") == (-np.inf, np.inf)


def test_defaults_trim_and_drop_duplicates(tmp_path: Path) -> None:
    rows, storage = clean(tmp_path)
    assert [row["name"] for row in rows] == ["a", "b", "c", "d", "e", "f"]
    assert storage.read_json("summary")["steps"] == {"duplicate_rows_dropped": 1}


@pytest.mark.parametrize(
    ("params", "column"),
    [
        ({"outliers": "blank"}, ["1", "2", "", "4", "5", ""]),
        ({"outliers": "clip"}, ["1", "2", "", "4", "5", "9.5"]),
        ({"outliers": "drop"}, ["1", "2", "", "4", "5"]),
        ({"missing": "drop_rows", "drop_columns": ["extra"]}, ["1", "2", "4", "5", "100"]),
        ({"missing": "median"}, ["1", "2", "4.0", "4", "5", "100"]),
        ({"missing": "interpolate"}, ["1", "2", "3.0", "4", "5", "100"]),
        ({"sort_by": "when"}, ["4", "1", "", "2", "5", "100"]),
        ({"sort_by": "n", "duplicates": "keep"}, ["1", "2", "2", "4", "5", "100", ""]),
        ({"missing_marks": ["4"]}, ["1", "2", "", "", "5", "100"]),
    ],
)
def test_cleaning(tmp_path: Path, params: dict[str, Any], column: list[str]) -> None:
    # The fences of 1, 2, 2, 4, 5, 100 are computed after the duplicate is gone: quartiles 2 and 5.
    rows, _ = clean(tmp_path, **params)
    assert [row["n"] for row in rows] == column


def test_a_slip_in_a_numeric_column_is_pointed_at(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clean(tmp_path, "n\n" + "\n".join(map(str, range(50))) + "\n1O\n")
    assert "column 'n' is text because of 1 cells such as '1O' in line 52" in caplog.text


def test_mauna_loa(tmp_path: Path) -> None:
    demo.write(tmp_path)
    storage = LocalStorage(tmp_path, {"upload:m": tmp_path / "mauna-loa-co2.csv"})
    run(TableProfile, storage, input="upload:m")
    profile = storage.read_json("profile")
    assert [column["kind"] for column in profile["columns"]] == ["date", "number", "number"]
    assert profile["columns"][1]["unit"] == "ppm"
    assert (profile["columns"][1]["minimum"], profile["columns"][1]["maximum"]) == (313.21, 416.18)
    assert storage.read("cleaned") == (tmp_path / "mauna-loa-co2.csv").read_bytes()
    assert storage.info("cleaned").units["co2 (ppm)"] == "ppm"


def test_bad_requests(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sort column 'z'"):
        clean(tmp_path, sort_by="z")
    with pytest.raises(InputError, match="names all columns"):
        clean(tmp_path, "a\n1\n", drop_columns=["a"])
