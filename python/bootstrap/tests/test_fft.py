"""The spectrum against analytic results and on the Mauna Loa record."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from castalia.process import InputError
from castalia.testing import LocalStorage, run
from castalia_bootstrap import demo, fft


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    demo.write(tmp_path)
    return tmp_path


def spectrum_of(storage: LocalStorage) -> tuple[np.ndarray, np.ndarray]:
    rows = list(csv.reader(io.StringIO(storage.read("spectrum").decode())))
    assert rows[0] == ["frequency", "amplitude"]
    table = np.array(rows[1:], dtype=float)
    return table[:, 0], table[:, 1]


def on_text(tmp_path: Path, text: str, **params: Any) -> LocalStorage:
    (tmp_path / "in.csv").write_text(text)
    storage = LocalStorage(tmp_path, {"upload:in.csv": tmp_path / "in.csv"})
    run(fft.FFT, storage, input="upload:in.csv", **params)
    return storage


def test_mauna_loa_peaks_at_one_cycle_per_year(folder: Path) -> None:
    """Defaults alone. The seasonal cycle at Mauna Loa has a peak-to-peak range of some 6 ppm (Keeling et al. 1976, 1995)."""
    storage = LocalStorage(folder, {"upload:mauna-loa-co2.csv": folder / "mauna-loa-co2.csv"})
    run(fft.FFT, storage, input="upload:mauna-loa-co2.csv")
    frequency, amplitude = spectrum_of(storage)
    top = int(np.argmax(amplitude))
    assert frequency[top] == pytest.approx(1.0, abs=0.005)
    assert 2.5 < amplitude[top] < 3.2
    summary = storage.read_json("summary")
    assert summary["peaks"][0]["frequency"] == frequency[top]
    assert any(abs(peak["frequency"] - 2) < 0.01 for peak in summary["peaks"]), "the half-year harmonic"
    assert (summary["frequency_unit"], summary["amplitude_unit"]) == ("cycles per year", "ppm")
    assert storage.info("spectrum").units == {"frequency": "cycles per year", "amplitude": "ppm"}
    figure = storage.read_json("figure")
    assert figure["layout"]["xaxis"]["title"]["text"] == "frequency (cycles per year)"
    assert figure["layout"]["yaxis"]["title"]["text"] == "amplitude (ppm)"


@pytest.mark.parametrize("window", fft.WINDOWS)
def test_a_sine_shows_its_amplitude(window: str) -> None:
    """On a bin of the transform every window gives the amplitude of the sine (Heinzel et al. 2002)."""
    time = np.arange(1000) * 0.01
    found = fft.spectrum(3.0 * np.sin(2 * np.pi * 7 * time + 0.4), 0.01, window, padding=1)
    top = int(np.argmax(found.amplitude))
    assert found.frequency[top] == pytest.approx(7.0)
    assert found.amplitude[top] == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize(("window", "loss_db"), [("rectangular", 3.9224), ("hann", 1.4236), ("hamming", 1.7514), ("blackman", 1.10)])
def test_scalloping_loss(window: str, loss_db: float) -> None:
    """The worst amplitude, half-way between two bins: Heinzel et al. (2002), list of windows; Blackman from Harris (1978), table 1."""
    size = 4096
    sine = np.sin(2 * np.pi * 1024.5 / size * np.arange(size))
    amplitude = fft.spectrum(sine, 1.0, window, padding=1).amplitude.max()
    assert -20 * np.log10(amplitude) == pytest.approx(loss_db, abs=0.005)


def test_a_constant_is_its_own_amplitude() -> None:
    assert fft.spectrum(np.full(64, 5.0), 1.0, "rectangular", 1).amplitude[0] == pytest.approx(5.0)


@pytest.mark.parametrize(("kind", "power"), [("constant", 0), ("linear", 1), ("quadratic", 2), ("cubic", 3)])
def test_detrending_removes_its_polynomial(kind: str, power: int) -> None:
    x = np.linspace(0, 5, 300)
    assert np.abs(fft.detrended(2 * x**power + 1, kind)).max() < 1e-9


def test_a_long_spectrum_is_thinned_for_the_plot_without_losing_a_peak() -> None:
    a = np.zeros(100_003)
    a[[0, 7, 50_001, 100_002]] = [1, 2, 3, 4]
    f, thin = fft.thinned(np.arange(100_003.0), a)
    assert len(f) == 4000
    assert sorted(thin)[-3:] == [2, 3, 4]
    assert {7, 50_001, 100_002} <= set(f)


def test_gaps_and_uneven_samples_are_interpolated_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    time = np.delete(np.arange(200) * 0.1, [50, 51, 120])
    rows = "\n".join(f"{t:.3f},{np.sin(2 * np.pi * 0.5 * t):.6f}" for t in time)
    storage = on_text(tmp_path, f"time (s),signal (mV)\n{rows}\n")
    frequency, amplitude = spectrum_of(storage)
    assert frequency[np.argmax(amplitude)] == pytest.approx(0.5, abs=0.02)
    assert storage.read_json("summary")["interpolated_samples"] == 3
    assert storage.read_json("summary")["frequency_unit"] == "Hz"
    assert "interpolating to 200 samples" in caplog.text


def test_decimal_years_missing_marks_and_limits(tmp_path: Path) -> None:
    time = 1990 + np.arange(240) / 12
    values = np.cos(2 * np.pi * time)
    values[10] = -99.99
    storage = on_text(
        tmp_path,
        "year,x\n" + "\n".join(f"{t:.6f},{v:.6f}" for t, v in zip(time, values, strict=True)),
        missing_value=-99.99,
        min_frequency=0.5,
        max_frequency=3,
    )
    frequency, amplitude = spectrum_of(storage)
    assert frequency[0] >= 0.5
    assert frequency[-1] <= 3
    assert frequency[np.argmax(amplitude)] == pytest.approx(1, abs=0.02)
    assert amplitude.max() == pytest.approx(1, abs=0.02)


def test_without_time_the_samples_count(tmp_path: Path) -> None:
    storage = on_text(tmp_path, "x\n" + "\n".join(str(n % 4) for n in range(64)))
    assert storage.read_json("summary")["frequency_unit"] == "cycles per sample"
    frequency, amplitude = spectrum_of(storage)
    assert frequency[np.argmax(amplitude)] == pytest.approx(0.25)


def test_unsorted_and_repeated_times(tmp_path: Path) -> None:
    days = [f"2020-01-{day:02d},{day}" for day in range(1, 29)]
    storage = on_text(tmp_path, "date,v\n" + "\n".join([*reversed(days), "2020-01-05,7"]), detrend="none")
    assert storage.read_json("summary")["samples"] == 28


BAD = [
    ("", {}, "in.csv is empty"),
    ("date,v\n", {}, "has a header but no rows"),
    ("1,2\n3,4\n", {}, "has no header line"),
    ("date,v\n2020-01-01,1\n", {}, "only 1 samples"),
    ("date,v\n2020-01-01,1,2\n", {}, "line 2: 3 cells, but the header has 2"),
    ("date,v\n2020-01-01,x\n", {}, "no numeric value column found beside 'date'"),
    ("date,v\n2020-01-01,x\n", {"value_column": "v"}, "column 'v', line 2: 'x' is not a number"),
    ("date,v\n2020-01-01,1\nsoon,1\n", {"time_column": "date"}, "column 'date', line 3: 'soon' is not an ISO 8601 date"),
    ("date,v\n2020-01-01,1\n", {"value_column": "co2"}, "no value column 'co2'; its columns are: date, v"),
    ("\0\0\0", {}, "binary file"),
    ("{}", {}, "is JSON, but no table"),
]


@pytest.mark.parametrize(("text", "params", "message"), BAD, ids=[case[2][:30] for case in BAD])
def test_bad_input_says_where_and_what_to_do(tmp_path: Path, text: str, params: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        on_text(tmp_path, text, **params)
    assert message in str(caught.value)
