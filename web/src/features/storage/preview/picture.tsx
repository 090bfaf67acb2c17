import { ImageOff } from "lucide-react";
import { useState } from "react";
import { address } from "@/shared/api/client";
import { bytes } from "@/shared/lib/format";
import { buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { contentPath } from "../queries";
import { Bar } from "./shell";

/** A picture is four bytes a pixel in memory, however small its file is. */
const PIXELS = 40_000_000;
const BYTES = 60_000_000;

interface Props {
  id: string;
  name: string;
  size: number;
  /** As its header says; absent for SVG. */
  pixels?: { width: number; height: number };
}

/** A picture. Scripts in an SVG don't run in an `img`, and it loads nothing from elsewhere. */
export function PicturePreview({ id, name, size, pixels }: Props) {
  const [whole, setWhole] = useState(false);
  const [broken, setBroken] = useState(false);
  const dimensions = pixels && `${pixels.width.toLocaleString()} × ${pixels.height.toLocaleString()} pixels`;
  const tooLarge = pixels ? pixels.width * pixels.height > PIXELS : false;
  const download = (
    <a className={buttonClass()} href={address(contentPath(id, true))} download={name}>
      Download it
    </a>
  );
  if (tooLarge || size > BYTES) {
    return (
      <Empty icon={ImageOff} title="Too large to be shown here" action={download}>
        {tooLarge && pixels
          ? `Its header says ${dimensions}; unpacked that is ${bytes(pixels.width * pixels.height * 4)} of memory, more than a page should take.`
          : `It has ${bytes(size)}.`}
      </Empty>
    );
  }
  if (broken) {
    return (
      <Empty icon={ImageOff} title="It can't be shown" action={download}>
        The browser does not understand this picture: it is broken, not whole, or of a kind that it does not know. Its
        bytes can be looked at.
      </Empty>
    );
  }
  const way = (fit: boolean, label: string) => (
    <button
      type="button"
      aria-pressed={whole !== fit}
      className="rounded px-2 py-0.5 hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium"
      onClick={() => setWhole(!fit)}
    >
      {label}
    </button>
  );
  return (
    <div className="space-y-2">
      <Bar>
        <span className="text-muted tabular-nums">{dimensions ?? "Drawn as a picture: scripts in it don't run"}</span>
        <span className="flex gap-1">
          {way(true, "Fit")}
          {way(false, "100 %")}
        </span>
      </Bar>
      <section
        aria-label={`Picture ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
        tabIndex={0}
        className="max-h-[min(36rem,75vh)] overflow-auto rounded-lg border border-line bg-surface p-3"
      >
        <img
          src={address(contentPath(id))}
          alt={dimensions ? `${name}, ${dimensions}` : name}
          {...pixels}
          onError={() => setBroken(true)}
          className={whole ? "max-w-none" : "mx-auto h-auto max-h-[min(34rem,72vh)] w-auto max-w-full object-contain"}
        />
      </section>
    </div>
  );
}
