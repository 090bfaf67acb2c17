// What is unfolded of a document, as the list of rows that is on screen.

import type { Document } from "./document";
import type { NodeInfo, Path } from "./json-model";

export interface TreeNode {
  info: NodeInfo;
  path: Path;
  open: boolean;
  /** Those that were loaded. */
  children: TreeNode[];
}

export type Row = { node: TreeNode; depth: number } | { more: TreeNode; depth: number };

/** How many children come at once. */
export const PAGE = 200;

export const nodeOf = (info: NodeInfo, path: Path): TreeNode => ({ info, path, open: false, children: [] });

export async function load(document: Document, node: TreeNode, upTo = node.children.length + PAGE): Promise<void> {
  const from = node.children.length;
  const infos = await document.ask("children", node.path, from, upTo - from);
  // Somebody else may have loaded the same meanwhile.
  if (node.children.length !== from) return;
  infos.forEach((info, at) => {
    node.children.push(nodeOf(info, [...node.path, from + at]));
  });
}

/** Unfolds the way to a place. */
export async function unfold(document: Document, top: TreeNode, path: Path): Promise<TreeNode> {
  let node = top;
  for (const index of path) {
    node.open = true;
    if (index >= node.children.length) await load(document, node, Math.ceil((index + 1) / PAGE) * PAGE);
    const child = node.children[index];
    if (!child) break;
    node = child;
  }
  return node;
}

/** The rows that are visible, without recursion. */
export function rowsOf(top: TreeNode): Row[] {
  const rows: Row[] = [];
  const left: Row[] = [{ node: top, depth: 0 }];
  for (let row = left.pop(); row; row = left.pop()) {
    rows.push(row);
    if ("more" in row || !row.node.open) continue;
    const { node, depth } = row;
    if (node.children.length < node.info.size) left.push({ more: node, depth: depth + 1 });
    for (let at = node.children.length - 1; at >= 0; at -= 1) {
      left.push({ node: node.children[at] as TreeNode, depth: depth + 1 });
    }
  }
  return rows;
}
