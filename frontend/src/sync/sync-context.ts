import type { Connection } from "../connection/connection";
import type { Clock, Random } from "../connection/ports";

/** What the parts of sync share: the way to the server, time, chance. */
export interface SyncContext {
  connection: Pick<Connection, "request" | "notify" | "state">;
  clock: Clock;
  random: Random;
}
