export { Overlay } from "./overlay";
export { Refused } from "./refused";
