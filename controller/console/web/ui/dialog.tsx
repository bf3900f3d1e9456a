import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './icon.tsx';

/** A modal dialog. Focus stays inside, Escape closes it, and then focus returns to where it was. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  readonly title: string;
  /** Undefined: the dialog cannot be closed. */
  readonly onClose?: (() => void) | undefined;
  readonly children: ReactNode;
  readonly isWide?: boolean;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element && !element.open) element.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={isWide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose && (
          <button type="button" className="button ghost icon-only" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
