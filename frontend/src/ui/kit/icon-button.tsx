import type { ButtonHTMLAttributes } from "preact";
import { Icon } from "./icons";
import type { IconName } from "./icons";

interface Props extends Omit<ButtonHTMLAttributes, "icon" | "label"> {
  /** What it does: read out, and shown to who points at it. */
  label: string;
  /** Its picture; one that comes with a later part is a child. */
  icon?: IconName;
  /** Beside `icon-button`. */
  class?: string;
}

/** A button that is a picture. */
export function IconButton({ label, icon, class: more, children, ...rest }: Props) {
  return (
    <button
      type="button"
      class={more === undefined ? "icon-button" : `icon-button ${more}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
