"""Statistics of one column.

- Quantiles: linear interpolation between order statistics, type 7 of R. J. Hyndman, Y. Fan, "Sample quantiles in
  statistical packages", The American Statistician 50 (1996) 361-365.
- Standard deviation with N - 1; skewness m3 / m2^(3/2) from the central moments of the sample (g1 of D. N. Joanes,
  C. A. Gill, "Comparing measures of sample skewness and kurtosis", The Statistician 47 (1998) 183-189).
- Outliers by `iqr`: beyond the quartiles by k times their distance, k = 1.5 (J. W. Tukey, "Exploratory Data Analysis", 1977).
- Outliers by `mad`: |0.6745 (x - median) / MAD| > k, k = 3.5 (B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle
  Outliers", ASQC 1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FACTORS = {"iqr": 1.5, "mad": 3.5}


def fences(values: Array, method: str, factor: float | None = None) -> tuple[float, float]:
    """The bounds beyond which a value is an outlier; NaN is ignored. Infinite when the spread is zero."""
    known = values[np.isfinite(values)]
    factor = FACTORS[method] if factor is None else factor
    if len(known) < 4:
        return -np.inf, np.inf
    if method == "iqr":
        low, high = np.quantile(known, (0.25, 0.75))
        spread = high - low
        return (float(low - factor * spread), float(high + factor * spread)) if spread > 0 else (-np.inf, np.inf)
    middle = float(np.median(known))
    mad = float(np.median(np.abs(known - middle)))
    reach = factor * mad / 0.6745
    return (middle - reach, middle + reach) if mad > 0 else (-np.inf, np.inf)


def describe(values: Array) -> dict[str, Any]:
    """Moments, quantiles and a histogram of the finite values."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {}
    centred = known - known.mean()
    second = float(np.mean(centred**2))
    counts, edges = np.histogram(known, bins=min(30, max(1, int(np.ceil(np.log2(len(known)) + 1)))))
    return {
        "minimum": float(known.min()),
        "maximum": float(known.max()),
        "mean": float(known.mean()),
        "standard_deviation": float(known.std(ddof=1)) if len(known) > 1 else None,
        "skewness": float(np.mean(centred**3) / second**1.5) if second > 0 else None,
        "quantiles": {f"{q:g}": float(v) for q, v in zip(QUANTILES, np.quantile(known, QUANTILES), strict=True)},
        "zeros": int((known == 0).sum()),
        "histogram": {"edges": edges, "counts": counts},
    }
