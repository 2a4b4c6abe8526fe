export { diagnose } from "./diagnose";
export { examine } from "./probe";
