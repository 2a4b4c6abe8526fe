import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  label: string;
  class: string;
  testid: string;
  /** Esc and a click beside it close it; without, the dialog stays until it is answered. */
  onClose?: () => void;
  children: ComponentChildren;
}

/** A modal `<dialog>`: the browser keeps the focus inside and gives it back afterwards. */
export function Dialog({ label, class: name, testid, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={name}
      aria-label={label}
      data-testid={testid}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose?.();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
