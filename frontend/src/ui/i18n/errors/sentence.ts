import type { Failure } from "../../../connection/requests";
import { Lazy } from "../../kit/lazy";
import type { I18n } from "../i18n";

/** The sentences for the server's codes. Most visits need none of them. */
export const Errors = new Lazy(() => import("./error-text"));

/**
 * What a failure tells a person, in their language; the server's own sentence while the page's are on
 * their way. Who reads it while drawing is drawn again when they are there.
 */
export function sentence(i18n: I18n, { code, message }: Pick<Failure, "code" | "message">): string {
  return (
    Errors.get()?.known(i18n, code) ??
    i18n.t("error.other", { message: message === "" ? code : message })
  );
}
