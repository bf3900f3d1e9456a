import { type ReactElement, useEffect, useState } from 'react';
import { Icon } from './icon.tsx';

/** A text to use or compare elsewhere, with a button that copies it. */
export function Copyable({
  text,
  label,
  isBlock = false,
}: {
  readonly text: string;
  readonly label: string;
  readonly isBlock?: boolean;
}): ReactElement {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <span className={isBlock ? 'copyable block' : 'copyable'}>
      <code>{text}</code>
      <button
        type="button"
        className="button ghost icon-only small"
        aria-label={isCopied ? 'Copied' : `Copy ${label}`}
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      </button>
    </span>
  );
}
