import { decodeFile } from "../protocol/decode";
import type { FileInfo } from "../protocol/generated";
import { isRecord } from "../protocol/read";

export interface Posting {
  address: string;
  token: string;
  file: Blob;
  /** Bytes that have left so far. */
  progress: (sent: number) => void;
  done: (posted: Posted) => void;
}

/** Why a file was not taken. */
export interface PostFailure {
  /** The server's, or `disconnected` where nobody answered. */
  code: string;
  /** The server's sentence; empty where there is none. */
  message: string;
  /** The same again, later, can succeed. */
  retryable: boolean;
  /** Milliseconds to wait before that, where the server named them. */
  retryAfter: number | undefined;
}

export type Posted = { ok: true; info: FileInfo } | { ok: false; failure: PostFailure };

/** Sends a file; what it returns breaks that off, and nothing is told any more. */
export type PostFile = (posting: Posting) => () => void;

/** Too slow, too many at once, busy: RFC 9110. */
const LATER: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Not `fetch`: it doesn't tell how much of the body has left. */
export const postFile: PostFile = ({ address, token, file, progress, done }) => {
  const request = new XMLHttpRequest();
  request.open("POST", address);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = ({ loaded }) => progress(loaded);
  request.onload = () =>
    done(outcomeOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
  request.onerror = () => done({ ok: false, failure: silence });
  request.send(file);
  // Neither `load` nor `error` follows.
  return () => request.abort();
};

const silence: PostFailure = {
  code: "disconnected",
  message: "",
  retryable: true,
  retryAfter: undefined,
};

export function outcomeOf(status: number, body: string, retryAfter: string | null): Posted {
  const value = parsed(body);
  const info = status === 200 || status === 201 ? decodeFile(value) : null;
  if (info !== null) return { ok: true, info };
  const { code, detail, retryAfter: wait } = problemOf(value);
  const seconds = retryAfter === null || retryAfter.trim() === "" ? NaN : Number(retryAfter);
  return {
    ok: false,
    failure: {
      code: code || `HTTP ${status}`,
      message: detail,
      retryable: LATER.has(status),
      // Of a proxy in front there may be the header alone.
      retryAfter: wait ?? (seconds >= 0 ? seconds * 1_000 : undefined),
    },
  };
}

/** A problem document (RFC 9457), as far as it is one. */
function problemOf(value: unknown) {
  const problem = isRecord(value) ? value : {};
  const text = (member: string) => {
    const said = problem[member];
    return typeof said === "string" ? said : "";
  };
  const { retry_after: wait } = problem;
  return {
    code: text("code"),
    detail: text("detail"),
    retryAfter: typeof wait === "number" && wait >= 0 ? wait : undefined,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
