// What the switcher offers, best first.

import type { RoomInfo } from "../../../protocol/generated";
import { checkRoomName } from "../../../protocol/name-rules";
import { roomKey } from "../../../protocol/rules";
import type { Room } from "../../../store/room";
import { match } from "./match";

/** More than anybody reads, and little to draw. */
export const MOST = 50;

export type Option =
  | { is: "mine"; key: string; name: string; room: Room; at: readonly number[] }
  | { is: "other"; key: string; name: string; info: RoomInfo; at: readonly number[] }
  | { is: "new"; key: string; name: string };

interface Input {
  query: string;
  mine: readonly Room[];
  /** What is known of the directory, doubles welcome. */
  directory: readonly RoomInfo[];
  /** The key of the room on screen. */
  open: string | null;
}

interface Ranked {
  option: Option;
  score: number;
  /** Within the same score: first what is mine, the rest as it came. */
  order: number;
}

export function options({ query, mine, directory, open }: Input): Option[] {
  const ranked: Ranked[] = [];
  const known = new Set<string>();
  for (const room of mine) {
    known.add(room.key);
    const name = room.name.value;
    const found = match(name, query);
    if (found === null) continue;
    // Who comes here wants to go elsewhere, first of all to what is new.
    const order =
      room.key === open ? 3 : room.read.mentions.value > 0 ? 0 : room.read.count.value > 0 ? 1 : 2;
    const option: Option = { is: "mine", key: room.key, name, room, at: found.at };
    ranked.push({ option, score: found.score, order });
  }
  for (const info of directory) {
    const key = roomKey(info.room);
    if (known.has(key)) continue;
    known.add(key);
    const found = match(info.room, query);
    if (found === null) continue;
    const option: Option = { is: "other", key, name: info.room, info, at: found.at };
    ranked.push({ option, score: found.score, order: 4 });
  }
  const best = ranked
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .slice(0, MOST)
    .map(({ option }) => option);
  const wanted = checkRoomName(query);
  // A consonant alone abbreviates a syllable, or is one under way.
  if (wanted.ok && !/[ㄱ-ㅣ]/.test(query) && !known.has(roomKey(wanted.value))) {
    best.push({ is: "new", key: "", name: wanted.value });
  }
  return best;
}
