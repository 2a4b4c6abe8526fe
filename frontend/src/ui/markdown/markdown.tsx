// What is loaded for bodies with markup, in one piece.

export { parse } from "./parse";
export { Blocks } from "./blocks";
