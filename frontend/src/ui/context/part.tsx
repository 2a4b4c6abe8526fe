import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "./app-context";
import type { Lazy } from "../kit/lazy";

interface Props<P extends object> {
  part: Lazy<ComponentType<P>>;
  props: P;
  /** It could not be loaded, and the person has been told. */
  failed?: () => void;
  /** Nobody asked for it: nobody is told that it could not be loaded. */
  quiet?: boolean;
}

/** A component that comes when it is needed for the first time. */
export function Part<P extends object>({ part, props, failed, quiet = false }: Props<P>) {
  const { toasts, i18n } = useApp();
  useEffect(() => {
    let here = true;
    part.fetch().catch(() => {
      if (!here) return;
      if (!quiet) toasts.say(i18n.t("part.failed"), "error");
      failed?.();
    });
    return () => void (here = false);
  }, [part]);
  const Component = part.get();
  return Component === null ? null : <Component {...props} />;
}
