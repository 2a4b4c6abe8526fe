import type { ClientFrame } from "./generated";

/**
 * A frame as text. Half a surrogate pair (a cut emoji) becomes U+FFFD: the server's UTF-8 couldn't
 * hold it and would refuse the whole frame.
 */
export function encode(frame: ClientFrame): string {
  return JSON.stringify(frame, (_key, value: unknown) =>
    typeof value === "string" ? value.toWellFormed() : value,
  );
}
