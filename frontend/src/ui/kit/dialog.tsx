import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { overPage } from "./back";
import { IconButton } from "./icon-button";

interface Props {
  label: string;
  class: string;
  testid: string;
  /** Custom properties that its style sheet reads. */
  style?: Record<string, string>;
  /** Esc and a click beside it close it; without, the dialog stays until it is answered. */
  onClose?: () => void;
  children: ComponentChildren;
}

/** A modal `<dialog>`: the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ label, class: name, testid, style, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  const closable = onClose !== undefined;
  useLayoutEffect(() => (closable ? overPage(() => close.current?.()) : undefined), [closable]);
  // A layout effect: only a dialog that is closed before it is removed gives the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const from = wayBack();
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      dialog.close();
      const { activeElement: at, body } = document;
      if (at !== body && !dialog.contains(at)) return;
      from.find((element) => element.isConnected)?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={name}
      aria-label={label}
      data-testid={testid}
      {...(style === undefined ? {} : { style })}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        // A browser may insist on the second Esc. What was left open by us is closed by us.
        if (ref.current === null || ref.current.open) return;
        if (onClose === undefined) ref.current.showModal();
        else onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose?.();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

/**
 * What has the focus, and what that is in: a tool that opens a menu may be gone when it closes, and the
 * keyboard goes on at its message.
 */
function wayBack(): HTMLElement[] {
  const way: HTMLElement[] = [];
  for (let at = document.activeElement; at !== null; at = at.parentElement) {
    if (at instanceof HTMLElement && at.matches("button, a, input, textarea, [tabindex]"))
      way.push(at);
  }
  return way;
}

interface HeadProps {
  title: string;
  closeLabel: string;
  close: () => void;
}

/** A dialog's title, and the button that closes it. */
export function DialogHead({ title, closeLabel, close }: HeadProps) {
  return (
    <header class="dialog-head">
      <h1>{title}</h1>
      <IconButton label={closeLabel} onClick={close} icon="close" />
    </header>
  );
}
