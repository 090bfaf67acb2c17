// Where cells stand on the canvas. A cell that somebody put somewhere stays there; all others are laid out here: each
// section of the first level is a column, cells below each other in the order of the file, inside the frames of their
// sections. Lengths are pixels of the canvas; everything stands on a grid of 20.

export const GRID = 20;
export const WIDTH = 640;
const PAD = GRID;
/** The bar of a frame, with its title. */
export const BAR = 2 * GRID;
const BETWEEN_COLUMNS = 6 * GRID;

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Placed {
  id: string;
  /** Where somebody put it. */
  left: number | null;
  top: number | null;
  width: number | null;
  /** As drawn, or as it probably will be. */
  height: number;
}

export interface Frame extends Box {
  id: string;
  depth: number;
  /** All cells inside, at any depth. */
  members: readonly string[];
  folded: boolean;
}

export interface Layout {
  cells: ReadonlyMap<string, Box>;
  /** Outer ones first. */
  frames: readonly Frame[];
}

export const snap = (value: number): number => Math.round(value / GRID) * GRID;
const up = (value: number): number => Math.ceil(value / GRID) * GRID;

/** Children of sections by the headings of the texts, for a document whose server has not derived them. */
export function derive(cells: readonly { id: string; heading: number }[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const open: { id: string; level: number }[] = [];
  for (const { id, heading } of cells) {
    if (heading > 0) {
      while (open.length > 0 && (open.at(-1)?.level ?? 0) >= heading) open.pop();
      found.set(id, []);
    }
    const parent = open.at(-1);
    if (parent) found.get(parent.id)?.push(id);
    if (heading > 0) open.push({ id, level: heading });
  }
  return found;
}

/** The level of the heading that a Markdown text begins with, 1 to 6; 0 for none. */
export const headingOf = (text: string): number =>
  /^ {0,3}(#{1,6})(?=[ \t]|$)/m.exec(firstLine(text))?.[1]?.length ?? 0;
const firstLine = (text: string): string => text.trimStart().split("\n", 1)[0] ?? "";
/** The words of that heading. */
export const titleOf = (text: string): string => firstLine(text).replace(/^[#\s]+|[#\s]+$/g, "");

export function layOut(
  cells: readonly Placed[],
  children: ReadonlyMap<string, readonly string[]>,
  folded: ReadonlySet<string>,
): Layout {
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const parents = new Map<string, string>();
  for (const [parent, inner] of children) {
    // A cell is in one section: the first that claims it.
    for (const child of inner)
      if (byId.has(child) && child !== parent && !parents.has(child)) parents.set(child, parent);
  }
  const pathOf = (id: string): string[] => {
    const path: string[] = [];
    for (let at: string | undefined = id; at !== undefined && !path.includes(at); at = parents.get(at)) path.push(at);
    return path;
  };
  const isTissue = (id: string) => children.has(id);
  const boxes = new Map<string, Box>();
  const hidden = new Set<string>();

  let column = 0;
  let top = 0;
  let begun = false;
  const open: string[] = [];
  for (const cell of cells) {
    const path = pathOf(cell.id);
    const over = path.slice(1);
    if (over.some((id) => folded.has(id))) hidden.add(cell.id);
    const auto = cell.left === null || cell.top === null;
    if (!auto) {
      const { left, top, width } = cell;
      boxes.set(cell.id, { left: left ?? 0, top: top ?? 0, width: width ?? WIDTH, height: cell.height });
      continue;
    }
    if (hidden.has(cell.id)) continue;
    // Frames that end here want their lower edge.
    while (open.length > 0 && !over.includes(open.at(-1) ?? "")) {
      open.pop();
      top += PAD;
    }
    if (isTissue(cell.id)) {
      if (over.length === 0 && begun) {
        column += 1;
        top = 0;
        open.length = 0;
      }
      top += BAR + (open.length > 0 ? GRID / 2 : 0);
      top = up(top);
      open.push(cell.id);
    }
    const depth = over.length + (isTissue(cell.id) ? 1 : 0);
    const left = column * (WIDTH + BETWEEN_COLUMNS + 2 * PAD) + depth * PAD;
    const width = cell.width ?? WIDTH - 2 * PAD * Math.max(0, depth - 1);
    const height = folded.has(cell.id) ? GRID : cell.height;
    boxes.set(cell.id, { left, top, width, height });
    top = up(top + height + GRID);
    begun = true;
  }

  const innerOf = (id: string) => (children.get(id) ?? []).filter((child) => parents.get(child) === id);
  /** All that goes with a frame, also what is folded away in it. */
  const membersOf = (id: string): string[] => {
    const found = new Set<string>();
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      // A circle in what others wrote ends here.
      if (found.has(at)) continue;
      found.add(at);
      open.push(...innerOf(at).reverse());
    }
    return [...found];
  };
  const frames = new Map<string, Frame>();
  const frameOf = (id: string, depth: number): Frame | undefined => {
    const own = boxes.get(id);
    if (!own || frames.has(id)) return frames.get(id);
    const inner = innerOf(id);
    const members = membersOf(id);
    const parts: Box[] = [own];
    // Named before its parts: a circle in what others wrote ends here.
    frames.set(id, { id, depth, members, folded: folded.has(id), ...own });
    for (const child of inner) {
      const frame = isTissue(child) ? frameOf(child, depth + 1) : undefined;
      const box = frame ?? boxes.get(child);
      if (box && !hidden.has(child)) parts.push(box);
    }
    const isFolded = folded.has(id);
    const left = Math.min(...parts.map((box) => box.left)) - PAD;
    const right = isFolded ? own.left + own.width + PAD : Math.max(...parts.map((box) => box.left + box.width)) + PAD;
    const upper = Math.min(...parts.map((box) => box.top)) - BAR;
    const lower = isFolded ? upper + BAR : Math.max(...parts.map((box) => box.top + box.height)) + PAD / 2;
    const frame = {
      id,
      depth,
      members,
      folded: isFolded,
      left,
      top: upper,
      width: right - left,
      height: lower - upper,
    };
    frames.set(id, frame);
    return frame;
  };
  for (const { id } of cells) if (isTissue(id) && !parents.has(id)) frameOf(id, 0);

  for (const id of hidden) boxes.delete(id);
  for (const id of folded) boxes.delete(id);
  const drawn = [...frames.values()].filter(({ id }) => !hidden.has(id)).sort((a, b) => a.depth - b.depth);
  return { cells: boxes, frames: drawn };
}
