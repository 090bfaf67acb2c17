// Every way to draw. A further one is a file beside this one and a line here.

import { band } from "./band";
import { bars } from "./bars";
import { box } from "./box";
import { contour } from "./contour";
import type { PlotElement } from "./element";
import { errorBars } from "./error-bars";
import { heatMap } from "./heat-map";
import { histogram } from "./histogram";
import { line } from "./line";
import { misfit } from "./misfit";
import { points } from "./points";
import { spectrum } from "./spectrum";

export const elements: readonly PlotElement[] = [
  line,
  points,
  bars,
  errorBars,
  band,
  heatMap,
  contour,
  spectrum,
  histogram,
  box,
  misfit,
];

export const elementOf = (id: string): PlotElement | undefined => elements.find((element) => element.id === id);
