r"""Amplitude spectrum of a time series.

The samples :math:`x_n`, n = 0..N-1, taken at the interval dt, are freed of a polynomial trend by least squares,
multiplied by a window w_n, padded with zeros to M >= N and transformed:

    X_k = sum_n w_n x_n exp(-2 pi i k n / M),        f_k = k / (M dt)
    A_k = 2 |X_k| / sum_n w_n                        (without the 2 for k = 0 and for the Nyquist frequency)

The division by the sum of the window undoes its coherent gain, so that a sine of amplitude A shows a peak of height A.
Cosine-sum windows: w_n = sum_j (-1)^j a_j cos(2 pi j n / N) (periodic form, for spectra).

Sources: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66
(1978) 51-83, for the windows and the coherent gain; G. Heinzel, A. Ruediger, R. Schilling, "Spectrum and spectral density
estimation by the Discrete Fourier transform (DFT), including a comprehensive list of window functions" (2002), for the
amplitude spectrum and the flat-top window.

Samples that are missing or unevenly spaced are put on a regular grid by linear interpolation, and the log says so. That
damps high frequencies, on average by sinc^2(f dt) (R. W. Schafer, L. R. Rabiner, "A digital signal processing approach to
interpolation", Proc. IEEE 61 (1973) 692-702). A year is 365.25 days.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from castalia.process import Input, InputError, Range

from castalia_bootstrap import tables

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.fft")

WINDOWS = {
    "rectangular": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
ORDERS = {"constant": 0, "linear": 1, "quadratic": 2, "cubic": 3}
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "yr": tables.SECONDS_PER_YEAR}
_ALIASES = {"sec": "s", "second": "s", "seconds": "s", "minutes": "min", "hour": "h", "hours": "h", "hr": "h"}
_ALIASES |= {"day": "d", "days": "d", "year": "yr", "years": "yr", "a": "yr", "y": "yr"}
_TIME_NAME = re.compile(r"^(t|time|date|datetime|timestamp|year|years|decimal[ _]?(date|year)|day|days|hour|hours|seconds?|month)$", re.I)


@dataclass
class Series:
    """Evenly spaced samples: `values` at the interval `step` in `time_unit` (`yr` for dates)."""

    values: Array
    step: float
    time_unit: str
    resampled: bool
    filled: int


@dataclass
class Spectrum:
    """One-sided amplitude spectrum; frequencies in cycles per time unit of the series."""

    frequency: Array
    amplitude: Array
    resolution: float


def window(name: str, size: int) -> Array:
    """A cosine-sum window in periodic form, length `size`."""
    phase = 2 * np.pi * np.arange(size) / size
    return np.asarray(sum((-1) ** j * a * np.cos(j * phase) for j, a in enumerate(WINDOWS[name])) * np.ones(size))


def detrended(values: Array, kind: str) -> Array:
    """The samples minus the polynomial of least squares; the argument is scaled to -1..1 for the conditioning."""
    if kind == "none":
        return values
    x = np.linspace(-1.0, 1.0, len(values))
    fit = np.polynomial.legendre.Legendre.fit(x, values, ORDERS[kind], domain=[-1, 1])
    return np.asarray(values - fit(x))


def spectrum(values: Array, step: float, window_name: str = "hann", padding: int = 4) -> Spectrum:
    """Amplitude spectrum of evenly spaced samples, after Heinzel et al. (2002)."""
    weights = window(window_name, len(values))
    size = padding * len(values)
    amplitude = 2.0 * np.abs(np.fft.rfft(values * weights, size)) / weights.sum()
    amplitude[0] /= 2.0
    if size % 2 == 0:
        amplitude[-1] /= 2.0
    return Spectrum(np.asarray(np.fft.rfftfreq(size, step), dtype=float), np.asarray(amplitude, dtype=float), 1.0 / (len(values) * step))


def regular(time: Array, values: Array, time_unit: str) -> Series:
    """Put samples on a regular grid; says in the log what it had to do."""
    known = np.isfinite(time) & np.isfinite(values)
    if dropped := int((~known).sum()):
        log.info("%d of %d samples have no time or no value", dropped, len(known))
    time, values = time[known], values[known]
    order = np.argsort(time, kind="stable")
    unique, first, counts = np.unique(time[order], return_index=True, return_counts=True)
    if len(unique) < len(time):
        log.warning("%d samples share their time with another one; taking the mean of each group", len(time) - len(unique))
    means = np.add.reduceat(values[order], first) / counts if len(unique) else values
    if len(unique) < 8:
        raise InputError(f"only {len(unique)} samples have a time and a value; a spectrum needs at least 8")
    gaps = np.diff(unique)
    usual = gaps[gaps <= 1.5 * np.median(gaps)].mean()
    span = unique[-1] - unique[0]
    size = round(float(span / usual)) + 1
    if size > max(50_000_000, 1000 * len(unique)):
        raise InputError("the times are too uneven for a regular grid; cut the series to a part with one sampling interval")
    step = span / (size - 1)
    grid = unique[0] + step * np.arange(size)
    uneven = float(np.max(np.abs(gaps - step))) > 1e-3 * step
    filled = size - len(unique)
    if not uneven:
        return Series(means, step, time_unit, False, 0)
    log.info(
        "the samples are unevenly spaced (%.6g to %.6g %s); interpolating to %d samples every %.6g %s",
        gaps.min(),
        gaps.max(),
        time_unit,
        size,
        step,
        time_unit,
    )
    if filled > 0:
        log.info("%d samples fall into gaps of the record and are interpolated", filled)
    return Series(np.interp(grid, unique, means), step, time_unit, True, max(0, filled))


def _time_column(table: tables.Table, wanted: str) -> str | None:
    if wanted not in ("auto", ""):
        return None if wanted == "index" else table.find(wanted, "time")
    for name in table.names:
        if table.is_dates(name):
            return name
    numeric = [name for name in table.names if table.is_numeric(name)]
    for name in numeric:
        if _TIME_NAME.match(tables.bare(name)):
            return name
    if len(numeric) > 1 and np.all(np.diff(table.numbers(numeric[0])) > 0):
        return numeric[0]
    log.warning("no time column found; the samples count as evenly spaced, and frequencies are in cycles per sample")
    return None


def _value_column(table: tables.Table, wanted: str, time: str | None) -> str:
    if wanted not in ("auto", ""):
        return table.find(wanted, "value")
    for name in table.names:
        if name != time and table.is_numeric(name):
            return name
    raise InputError(f"no numeric value column found beside {time!r}; name it in value_column (columns: {', '.join(table.names)})")


def _times(table: tables.Table, name: str | None, unit: str) -> tuple[Array, str]:
    """Times and their unit: years for dates; else `unit`, the header's, or years for a column that is named so."""
    if name is None:
        return np.arange(table.rows, dtype=float), "sample"
    if not table.is_numeric(name):
        return table.times(name) / tables.SECONDS_PER_YEAR, "yr"
    values = table.numbers(name)
    if unit == "auto":
        known = (table.units.get(name) or "").lower()
        unit = _ALIASES.get(known, known)
        if not unit:
            typical = float(np.nanmedian(values))
            decimal = re.match(r"^(year|years|decimal|date|time|t)\b", tables.bare(name), re.I) and 1000 < typical < 3000
            unit = "yr" if decimal else _ALIASES.get(tables.bare(name).lower(), "unit")
    return values, unit


def _peaks(found: Spectrum, count: int) -> list[dict[str, float]]:
    """The largest local maxima, at least two resolution widths apart (half the main lobe of the Hann window)."""
    a, f = found.amplitude, found.frequency
    inner = np.flatnonzero((a[1:-1] > a[:-2]) & (a[1:-1] >= a[2:])) + 1
    chosen: list[int] = []
    for at in inner[np.argsort(-a[inner], kind="stable")]:
        if all(abs(f[at] - f[other]) >= 2 * found.resolution for other in chosen):
            chosen.append(int(at))
        if len(chosen) == count:
            break
    return [{"frequency": float(f[at]), "period": float(1 / f[at]), "amplitude": float(a[at])} for at in chosen]


def _frequency_unit(time_unit: str) -> str:
    return {"s": "Hz", "yr": "cycles per year", "d": "cycles per day", "h": "cycles per hour"}.get(time_unit, f"cycles per {time_unit}")


def thinned(f: Array, a: Array, limit: int = 4000) -> tuple[Array, Array]:
    """At most `limit` points for a plot: of each run of neighbours the highest, so that no peak is lost."""
    if len(a) <= limit:
        return f, a
    starts = np.linspace(0, len(a), limit, endpoint=False).astype(int)
    ends = np.append(starts[1:], len(a))
    chosen = np.array([start + int(np.argmax(a[start:end])) for start, end in zip(starts, ends, strict=True)])
    return f[chosen], a[chosen]


def _figure(f: Array, a: Array, title: str, frequency_unit: str, value_unit: str) -> dict[str, Any]:
    return {
        "data": [{"type": "scatter", "mode": "lines", "name": "amplitude", "x": f, "y": a}],
        "layout": {
            "title": {"text": title},
            "xaxis": {"title": {"text": f"frequency ({frequency_unit})"}},
            "yaxis": {"title": {"text": f"amplitude ({value_unit})" if value_unit else "amplitude"}, "rangemode": "tozero"},
        },
    }


class FFT:
    """Amplitude spectrum of a time series.

    Reads a table with a column of times (ISO dates, decimal years or numbers) and a column of values, removes a trend,
    applies a window and gives the one-sided amplitude spectrum. A sine of amplitude A shows a peak of height A.
    For dates and decimal years the frequency is in cycles per year.
    """

    title = "Spectrum (FFT)"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 1024, "storage_mb": 256, "deadline_s": 600}
    outputs = [
        {
            "name": "spectrum",
            "media_type": "text/csv",
            "description": "One-sided amplitude spectrum",
            "columns": ["frequency", "amplitude"],
            "units": {"frequency": "cycles per year for dates", "amplitude": "unit of the values"},
        },
        {"name": "figure", "media_type": "application/vnd.plotly.v1+json", "description": "Plot of the spectrum"},
        {"name": "summary", "media_type": "application/json", "description": "Sampling, trend, window and the largest peaks"},
    ]
    examples = [
        {
            "title": "Carbon dioxide at Mauna Loa",
            "about": "Sixty years of monthly CO2: the year and half a year stand out as peaks once the rise is removed.",
            "parameters": {"input": "upload:mauna-loa-co2.csv", "value_column": "co2", "max_frequency": 6},
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*tables.MEDIA_TYPES)],
        time_column: str = "auto",
        value_column: str = "auto",
        time_unit: Literal["auto", "s", "min", "h", "d", "yr"] = "auto",
        missing_value: float | None = None,
        detrend: Literal["none", "constant", "linear", "quadratic", "cubic"] = "quadratic",
        window: Literal["hann", "hamming", "blackman", "flattop", "rectangular"] = "hann",
        zero_padding: Annotated[int, Range(1, 64)] = 4,
        min_frequency: Annotated[float, Range(0)] = 0.0,
        max_frequency: Annotated[float, Range(above=0)] | None = None,
        peaks: Annotated[int, Range(0, 100)] = 5,
    ) -> None:
        """Compute the spectrum.

        Parameters
        ----------
        input : reference
            Table with a header line: one column of times, one of values.
        time_column : str
            Name of the time column; `auto` takes the first column of dates, else one that is named like a time;
            `index` counts samples instead.
        value_column : str
            Name of the value column; `auto` takes the first numeric column beside the time.
        time_unit : str
            Unit of a numeric time column; `auto` takes it from the header, as in `time (s)`, and numbers such as
            1987.5 in a column named year, time or date as decimal years.
        missing_value : float
            Number that marks a missing value in the file, for instance -99.99 (in the unit of the values).
        detrend : str
            Polynomial trend to remove by least squares before the transform.
        window : str
            Window against leakage; `flattop` for exact amplitudes, `rectangular` for the sharpest lines.
        zero_padding : int
            Factor by which zeros lengthen the series; makes the frequency axis finer, not the resolution.
        min_frequency : float
            Lowest frequency of the output, in the unit of the frequency axis.
        max_frequency : float
            Highest frequency of the output, in the unit of the frequency axis; empty for the Nyquist frequency.
        peaks : int
            How many of the largest peaks the summary lists.
        """
        storage.progress(0.0, "reading")
        table = tables.read(storage, input)
        time_name = _time_column(table, time_column)
        value_name = _value_column(table, value_column, time_name)
        log.info("time: %s, value: %s", time_name or "sample number", value_name)
        times, unit = _times(table, time_name, time_unit)
        storage.progress(0.3, "resampling")
        series = regular(times, table.numbers(value_name, missing_value=missing_value), unit)
        storage.progress(0.5, "transforming")
        found = spectrum(detrended(series.values, detrend), series.step, window, zero_padding)
        limit = np.inf if max_frequency is None else max_frequency
        if limit <= min_frequency:
            raise InputError(f"max_frequency {limit} must be above min_frequency {min_frequency}")
        keep = (found.frequency >= min_frequency) & (found.frequency <= limit)
        if not keep.any():
            raise InputError(f"no frequency between {min_frequency} and {limit}; the series reaches from 0 to {found.frequency[-1]:.6g}")
        found = Spectrum(found.frequency[keep], found.amplitude[keep], found.resolution)
        listed = _peaks(found, peaks)
        for peak in listed:
            log.info("peak at %.6g (period %.6g): amplitude %.6g", peak["frequency"], peak["period"], peak["amplitude"])
        storage.progress(0.8, "writing")
        self._write(storage, found, series, listed, value_name, table.units.get(value_name, ""), detrend, window)
        storage.progress(1.0, "done")

    @staticmethod
    def _write(
        storage: Storage, found: Spectrum, series: Series, peaks: list[dict[str, float]], name: str, unit: str, detrend: str, window: str
    ) -> None:
        frequency_unit = _frequency_unit(series.time_unit)
        units = {"frequency": frequency_unit} | ({"amplitude": unit} if unit else {})
        columns = {"frequency": found.frequency, "amplitude": found.amplitude}
        storage.write_csv("spectrum", columns, units, f"Amplitude spectrum of {name}")
        title = f"Amplitude spectrum of {tables.bare(name)}"
        storage.write_figure("figure", _figure(*thinned(found.frequency, found.amplitude), title, frequency_unit, unit), description=title)
        summary = {
            "value_column": name,
            "samples": len(series.values),
            "interpolated_samples": series.filled,
            "resampled": series.resampled,
            "sampling_interval": series.step,
            "time_unit": series.time_unit,
            "frequency_unit": frequency_unit,
            "amplitude_unit": unit or None,
            "resolution": found.resolution,
            "nyquist": 0.5 / series.step,
            "detrend": detrend,
            "window": window,
            "peaks": peaks,
        }
        storage.write_json("summary", summary, "Sampling and the largest peaks")
