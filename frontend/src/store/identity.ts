import { signal } from "@preact/signals-core";
import type { User } from "../protocol/generated";
import { isRecord } from "../protocol/read";
import { getJson } from "./storage";
import type { Storage } from "./storage";

const KEY = "identity";

interface Kept {
  token: string | null;
  user: User | null;
  /** The name to go by, kept also when the token turns out to be worth nothing. */
  name: string | null;
}

const nobody: Kept = { token: null, user: null, name: null };

/** Who this browser is. The token is shown to nobody but the server. */
export class Identity {
  readonly user = signal<User | null>(null);
  /** Whether there is anything to say hello with; otherwise a person has to give a name. */
  readonly known = signal(false);
  private kept: Kept;
  /** Asked for, not yet granted by a `welcome`. */
  private wanted: string | null = null;

  constructor(private readonly storage: Storage) {
    this.kept = read(storage);
    this.publish();
  }

  /** Who to say hello as; null while the person has no name. */
  credentials(): { token?: string; name?: string } | null {
    const { token, name } = this.kept;
    if (token !== null) return this.wanted === null ? { token } : { token, name: this.wanted };
    const plain = this.wanted ?? name;
    return plain === null ? null : { name: plain };
  }

  /** Goes into effect with the next hello. */
  want(name: string): void {
    this.wanted = name;
  }

  get wants(): string | null {
    return this.wanted;
  }

  /** The wanted name was refused: back to what there was. */
  unwant(): void {
    this.wanted = null;
  }

  /** A name that the server refused and no token: ask the person again. */
  forgetName(): void {
    this.keep({ ...this.kept, name: null });
  }

  /** The server doesn't know the token (any more). */
  dropToken(): void {
    this.keep({ token: null, user: null, name: this.kept.name ?? this.kept.user?.name ?? null });
  }

  welcomed(user: User, token: string): void {
    this.wanted = null;
    this.keep({ token, user, name: user.name });
  }

  /** Another tab wrote: its token is newer. */
  reload(): void {
    this.kept = read(this.storage);
    this.publish();
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.storage.set(KEY, JSON.stringify(kept));
    this.publish();
  }

  private publish(): void {
    this.user.value = this.kept.user;
    this.known.value = this.kept.token !== null || this.kept.name !== null;
  }
}

function read(storage: Storage): Kept {
  const value = getJson(storage, KEY);
  if (!isRecord(value)) return nobody;
  const string = (field: unknown) => (typeof field === "string" && field !== "" ? field : null);
  const user = value["user"];
  const id = isRecord(user) ? string(user["id"]) : null;
  const name = isRecord(user) ? string(user["name"]) : null;
  return {
    token: string(value["token"]),
    user: id !== null && name !== null ? { id, name } : null,
    name: string(value["name"]),
  };
}
