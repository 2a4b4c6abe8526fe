/** Fills a buffer with random bytes: `crypto.getRandomValues`, or a fixed sequence in a test. */
export type RandomBytes = (buffer: Uint8Array<ArrayBuffer>) => void;

/**
 * A UUID of version 7 (RFC 9562): in order of time, unique without asking anyone. Not
 * `crypto.randomUUID`, which is absent on pages served over plain http.
 */
export function uuidv7(now: number, random: RandomBytes): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  let time = Math.trunc(now);
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
