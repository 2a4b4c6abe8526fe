// What is done with messages is loaded when the first room is painted: `chunk.ts` has it.

import { Lazy } from "../kit/lazy";

const talk = new Lazy(() => import("./chunk"));

export const loadTalk = () => talk.fetch();
/** The part, if it is here. */
export const talkHere = () => talk.here;
/** The part, or null while it is on its way. Who reads it while drawing is drawn again. */
export const talkPart = () => talk.get();
