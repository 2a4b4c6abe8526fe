// What is loaded for bodies with markup or links, in one piece.

export { parse } from "./parse";
export { Blocks } from "./blocks";
export { Linked } from "./links";
