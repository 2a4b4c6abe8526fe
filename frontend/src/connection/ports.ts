// What the connection needs from the world, injected so that tests drive virtual time.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  after(ms: number, run: () => void): Timer;
}

export interface SocketEvents {
  open(): void;
  message(data: unknown): void;
  close(code: number, reason: string): void;
}

/** As much of a WebSocket as is used. After `close()` no event follows. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** Throws when the address can't be used at all (a bad URL, ws: from an https: page). */
export type OpenSocket = (events: SocketEvents) => Socket;

/** 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    // setTimeout wraps above 2^31 - 1.
    const id = setTimeout(run, Math.min(Math.max(ms, 0), 2_147_483_647));
    return { cancel: () => clearTimeout(id) };
  },
};

export function browserSocket(url: string): OpenSocket {
  return (events) => {
    const socket = new WebSocket(url);
    socket.onopen = () => events.open();
    socket.onmessage = (event: MessageEvent<unknown>) => events.message(event.data);
    socket.onclose = (event) => events.close(event.code, event.reason);
    return {
      send: (text) => socket.send(text),
      close() {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
      },
    };
  };
}
