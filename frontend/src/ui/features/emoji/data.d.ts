// Made by build/emoji-data.ts.

declare module "*?list" {
  const groups: string[][];
  export default groups;
}
declare module "*?words" {
  const words: string[];
  export default words;
}
