"""`python -m castalia_bootstrap.demo DIR`: writes the demo inputs to DIR and lists them as JSON on stdout.

Each entry has `name`, `media_type`, `description` and `source`. The measured records ship inside this package
(`data/SOURCES.md`); the rays are synthetic and say so.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib import resources
from pathlib import Path

FILES = [
    {
        "name": "mauna-loa-co2.csv",
        "media_type": "text/csv",
        "description": "Monthly mean CO2 at Mauna Loa, 1958 to 2020, in ppm; for fft and table",
        "source": "Scripps CO2 Program (C. D. Keeling et al.), CC BY 4.0, as packaged in vega-datasets 3.2.1",
    },
    {
        "name": "earthquakes.geojson",
        "media_type": "application/geo+json",
        "description": "1,707 earthquakes of one week in 2018 with magnitude and depth (km); for gridding",
        "source": "USGS Earthquake Hazards Program, public domain, as packaged in vega-datasets 3.2.1",
    },
    {
        "name": "rays.csv",
        "media_type": "text/csv",
        "description": "Synthetic, not measured: cross-hole travel times with 1 % noise; for inversion",
        "source": "computed by castalia_bootstrap.rays.crosshole",
    },
]
MEASURED = ("mauna-loa-co2.csv", "earthquakes.geojson")


def write(folder: Path) -> list[dict[str, str]]:
    """Write all demo files, overwriting those of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    data = resources.files("castalia_bootstrap") / "data"
    for name in MEASURED:
        with (data / name).open("rb") as source, open(folder / name, "wb") as target:
            shutil.copyfileobj(source, target)
    (folder / "rays.csv").write_text(synthetic_rays(), encoding="utf-8")
    return FILES


def synthetic_rays() -> str:
    """The cross-hole survey as CSV; the column `origin` says that it is synthetic."""
    from castalia_bootstrap.rays import crosshole

    survey = crosshole()
    lines = ["x0 (m),y0 (m),x1 (m),y1 (m),t (s),sigma (s),origin"]
    for (xa, ya, xb, yb), time in zip(survey.rays.tolist(), survey.times.tolist(), strict=True):
        lines.append(f"{xa:.4g},{ya:.4g},{xb:.4g},{yb:.4g},{time:.7f},{survey.sigma:.3e},synthetic")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m castalia_bootstrap.demo DIR", file=sys.stderr)
        return 2
    print(json.dumps(write(Path(arguments[0])), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
