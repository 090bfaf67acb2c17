// The map as a picture: what is on the screen, with legend, scale and source, as one needs it in a report.

import type { LegendOf } from "./entries";
import { legendTitle, ticks } from "./legend";
import { lengthText, scaleBar } from "./rows";

interface Parts {
  legends: readonly { name: string; legend: LegendOf | null; colour: string }[];
  zoom: number;
  lat: number;
  /** Ground, text and halo. */
  colours: { paper: string; ink: string };
}

const toBlob = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be made"))), "image/png"),
  );

export async function mapPicture(canvas: HTMLCanvasElement, { legends, zoom, lat, colours }: Parts): Promise<Blob> {
  const paper = canvas.getContext("2d");
  if (!paper) throw new Error("the browser draws no pictures");
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.width / ratio, canvas.height / ratio];
  paper.scale(ratio, ratio);
  paper.font = "12px system-ui, sans-serif";
  paper.textBaseline = "top";
  const box = (x: number, y: number, w: number, h: number) => {
    paper.globalAlpha = 0.9;
    paper.fillStyle = colours.paper;
    paper.fillRect(x, y, w, h);
    paper.globalAlpha = 1;
    paper.fillStyle = colours.ink;
  };

  const credit = "Natural Earth";
  const creditWidth = paper.measureText(credit).width;
  box(width - creditWidth - 12, height - 20, creditWidth + 12, 20);
  paper.fillText(credit, width - creditWidth - 6, height - 16);

  const bar = scaleBar(zoom, lat, 100);
  box(8, height - 30, bar.pixels + 12, 24);
  paper.fillText(lengthText(bar.metres), 14, height - 28);
  paper.fillRect(14, height - 12, bar.pixels, 2);

  let y = height - 38;
  for (const { name, legend, colour } of legends) {
    const tall = legend ? 62 : 24;
    y -= tall;
    box(8, y, 176, tall - 4);
    paper.fillText(name, 16, y + 4, 160);
    if (!legend) {
      paper.fillStyle = colour;
      paper.fillRect(168, y + 6, 8, 8);
      continue;
    }
    paper.fillText(legendTitle(legend), 16, y + 18, 160);
    const gradient = paper.createLinearGradient(16, 0, 176, 0);
    for (const [at, stop] of legend.stops.entries()) gradient.addColorStop(at / (legend.stops.length - 1), stop);
    paper.fillStyle = gradient;
    paper.fillRect(16, y + 33, 160, 8);
    paper.fillStyle = colours.ink;
    for (const [at, mark] of ticks(legend.range).entries()) {
      paper.textAlign = (["left", "center", "right"] as const)[at] ?? "left";
      paper.fillText(mark, 16 + 80 * at, y + 43);
    }
    paper.textAlign = "left";
  }
  return toBlob(canvas);
}
