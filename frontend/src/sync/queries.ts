// What only later parts of the page ask the server.

import type { Outcome } from "../connection/requests";
import type { Failure } from "../connection/requests";
import type { Server } from "../protocol/frames";
import type { RoomInfo, User } from "../protocol/generated";
import type { Room } from "../store/room";
import type { Client } from "./client";

/** What is looked for, and where: in a room, or in all that one is in. */
export interface SearchQuery {
  query: string;
  room?: string;
  more?: string;
}

/** Makes a room and enters it. A room that exists already is entered too, also by a name that it had. */
export function createRoom(
  client: Client,
  name: string,
  done: (failure: Failure | null) => void,
): void {
  client.request({ type: "create", room: name }, (outcome) => {
    if (
      outcome.ok ||
      outcome.failure.code === "room_exists" ||
      outcome.failure.renamedTo !== undefined
    ) {
      client.membership.enter(name);
      done(null);
    } else {
      done(outcome.failure);
    }
  });
}

/** Asks for the rooms whose name contains this; `done` hears nothing when there is no answer. */
export function findRooms(
  client: Client,
  query: string,
  done: (rooms: readonly RoomInfo[]) => void,
): void {
  client.request({ type: "rooms", query }, (outcome) => {
    if (outcome.ok) done(outcome.frame.rooms);
  });
}

/** Messages in which words are found; `more` goes on from an answer. */
export function searchMessages(
  client: Client,
  what: SearchQuery,
  done: (outcome: Outcome<Server<"results">>) => void,
): void {
  client.request({ type: "search", ...what }, done);
}

/** The pinned messages of a room as they are now, the latest pinned first. */
export function pinnedIn(
  client: Client,
  room: Room,
  done: (outcome: Outcome<Server<"pinned">>) => void,
): void {
  client.request({ type: "pinned", room: room.name.value }, done);
}

/** People who read in a room, also when they are away; nobody where there is no answer. */
export function membersOf(
  client: Client,
  room: Room,
  query: string,
  done: (users: readonly User[]) => void,
): void {
  const request = { type: "members", room: room.name.value, query } as const;
  client.request(request, (outcome) => done(outcome.ok ? outcome.frame.users : []));
}
