import { describe, expect, it } from "vitest";
import { clipboardText, csvParser } from "./csv";
import { featureTable } from "./features";
import { hexLine } from "./hex-line";
import { JsonModel } from "./json-model";
import { lineParser } from "./lines";
import { render } from "./render-markdown";
import type { Parser } from "./sequence";
import { ofColumn, shortNumber } from "./statistics";
import { waysOf } from "./ways";

/** In pieces of any size the outcome must be the same. */
function parsed<T>(make: () => Parser<T>, text: string): T[] {
  const bytes = new TextEncoder().encode(text);
  const outcomes = [1, 2, 3, 1000].map((size) => {
    const parser = make();
    const found: T[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...parser.push(bytes.subarray(at, at + size), at + size >= bytes.length));
    }
    return found;
  });
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  return outcomes[0] as T[];
}

const csv = (text: string) => parsed(() => csvParser(","), text);

describe("tables", () => {
  it("are read as RFC 4180 says, in pieces", () => {
    expect(csv('a,b\r\n1,"x, ""y""\nz"\r\n,\n')).toEqual([
      ["a", "b"],
      ["1", 'x, "y"\nz'],
      ["", ""],
    ]);
    expect(csv("ü,ö")).toEqual([["ü", "ö"]]);
    expect(csv('a"b,c\n\n"",d')).toEqual([
      ['a"b', "c"],
      ["", "d"],
    ]);
    expect(parsed(() => csvParser("\t"), "a\tb,c\n")).toEqual([["a", "b,c"]]);
  });

  it("keep no cell without end", () => {
    const [row] = csv(`"${"x".repeat(50_000)}`);
    expect(row?.[0]).toHaveLength(10_000);
  });

  it("go to the clipboard without formulas", () => {
    expect(clipboardText([["=cmd|' /C calc'!A0", "-5", "+1e3", "@x", "-a", "a\tb"]])).toBe(
      `'=cmd|' /C calc'!A0\t-5\t+1e3\t'@x\t'-a\t"a\tb"`,
    );
  });

  it("have statistics of their numbers", () => {
    const rows = [["h"], ["1"], ["4"], [""], ["x"]];
    expect(ofColumn(rows, rows.length, 0, true)).toEqual({ minimum: "1", maximum: "4", mean: "2.5", empty: 1 });
    expect(ofColumn(rows, rows.length, 0, false)).toEqual({ empty: 1 });
    expect([shortNumber(1.5e-7), shortNumber(12e12), shortNumber(0)]).toEqual(["1.5e-7", "1.2e+13", "0"]);
  });
});

it("splits text into lines of all kinds, and folds endless ones", () => {
  const text = (source: string) => parsed(lineParser, source).map((line) => line.text);
  expect(text("a\nb\r\nc\n")).toEqual(["a", "b", "c"]);
  expect(text("ü\n\n")).toEqual(["ü", ""]);
  const folded = parsed(lineParser, "x".repeat(4500));
  expect(folded.map(({ number, text }) => [number, text.length])).toEqual([
    [1, 2000],
    [undefined, 2000],
    [undefined, 500],
  ]);
});

it("writes bytes and what is printable of them", () => {
  expect(hexLine(0x1f0, new Uint8Array([0x48, 0x69, 0x0a]))).toBe(`000001f0  ${"48 69 0a".padEnd(47)}  Hi.`);
});

describe("JSON", () => {
  it("is asked for level by level, and has no magic names", () => {
    const model = new JsonModel(JSON.parse('{"__proto__": {"hacked": true}, "constructor": [1, null, "x"]}'));
    expect(model.top()).toMatchObject({ kind: "object", size: 2 });
    expect(model.children([], 0, 10).map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ["__proto__", "object", 1],
      ["constructor", "array", 3],
    ]);
    expect(model.children([1], 1, 1)).toEqual([{ name: "1", kind: "null", size: 0, text: "null" }]);
    expect(({} as { hacked?: boolean }).hacked).toBeUndefined();
    expect(model.search("hack", 10).paths).toEqual([[0, 0]]);
  });

  it("may be nested ten thousand deep", () => {
    const deep = 10_000;
    const model = new JsonModel(JSON.parse(`${"[".repeat(deep)}"end"${"]".repeat(deep)}`));
    const [path] = model.search("end", 1).paths;
    expect(path).toHaveLength(deep);
    expect(model.at(path ?? [])).toBe("end");
  });

  it("with features becomes a table", () => {
    const document = {
      type: "FeatureCollection",
      features: [
        { type: "Feature", geometry: { type: "Point" }, properties: { name: "<b>x</b>", depth: 3 } },
        { type: "Feature", geometry: null, properties: JSON.parse('{"__proto__": "p", "list": [1,2]}') },
        null,
      ],
    };
    expect(featureTable(document, 0, 10)).toEqual({
      total: 3,
      geometries: [
        ["none", 2],
        ["Point", 1],
      ],
      columns: ["name", "depth", "__proto__", "list"],
      rows: [
        ["Point", "<b>x</b>", "3", "", ""],
        ["", "", "", "p", "[2]"],
        ["", "", "", "", ""],
      ],
    });
  });
});

it("makes harmless nodes of Markdown", () => {
  const box = document.createElement("div");
  box.append(
    render(
      "# A <img src=x onerror=alert(1)>\n\n[bad](javascript:alert(1)) [good](https://example.org/) ![pic](https://example.org/x.png)\n\n<script>alert(1)</script>\n\n|a|\n|-:|\n|1|\n\n[data](data:text/html,x)",
    ),
  );
  expect(box.querySelector("script, img, [onerror], [style], iframe")).toBeNull();
  expect([...box.querySelectorAll("a")].map(({ href, rel, target }) => [href, rel, target])).toEqual([
    ["https://example.org/", "noopener noreferrer nofollow", "_blank"],
  ]);
  expect(box.textContent).toContain("[picture: pic]");
});

it("offers the ways in which something can be looked at", () => {
  const ways = (kind: string, media_type: string, size = 10) => waysOf({ kind, media_type, size } as never)[0];
  expect([
    ways("table", "text/csv"),
    ways("text", "application/json", 50_000_000),
    ways("text", "application/json", 500_000_000),
    ways("text", "text/markdown"),
    ways("text", "image/svg+xml"),
    ways("text", "text/html"),
    ways("image", "text/html"),
    ways("binary", "image/png"),
  ]).toEqual(["table", "tree", "text", "page", "text", "text", "picture", "bytes"]);
});
