import type { Undone } from "../../sync/client";
import { sentence } from "../i18n/sentence";
import type { App } from "../app-context";
import { talkText } from "./text";

/** What was shown already isn't so: what, and why. */
export function sayUndone({ i18n, toasts }: App, { change, failure }: Undone): void {
  // It is gone, as was wished.
  if (change.kind === "delete" && failure.code === "message_not_found") return;
  const why = sentence(i18n, failure);
  toasts.say(talkText(i18n)(`undone.${change.kind}`, { why }), "error");
}
