// A body as a tree. Only what is here can be drawn.

import type { Mention } from "./mentions";

export type Inline =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "code"; readonly text: string }
  | { readonly is: "mention"; readonly mention: Mention }
  | { readonly is: "link"; readonly href: string; readonly bare: boolean; readonly inside: Inlines }
  | { readonly is: "strong" | "em" | "s"; readonly inside: Inlines };
export type Inlines = readonly Inline[];

export type Align = "left" | "center" | "right";
export interface Cell {
  readonly align: Align | null;
  readonly inside: Inlines;
}
export interface Item {
  /** The number that was written; null for a bullet. */
  readonly number: number | null;
  readonly blocks: readonly Block[];
}

export type Block =
  /** `tight`: of a list without blank lines. */
  | { readonly is: "paragraph"; readonly tight: boolean; readonly inside: Inlines }
  | { readonly is: "heading"; readonly level: number; readonly inside: Inlines }
  | { readonly is: "quote"; readonly blocks: readonly Block[] }
  | { readonly is: "list"; readonly ordered: boolean; readonly items: readonly Item[] }
  | { readonly is: "code"; readonly info: string; readonly text: string }
  | {
      readonly is: "table";
      readonly head: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly is: "rule" };
