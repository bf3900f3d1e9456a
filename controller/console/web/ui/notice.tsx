import type { ReactElement, ReactNode } from 'react';
import { adviceFor, toApiError } from '../api/index.ts';
import { PageMessage } from '../text/index.ts';
import { Icon } from './icon.tsx';

/** What went wrong, its code if it has one, and what to do. Screen readers announce it at once. */
export function ErrorNotice({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}): ReactElement {
  if (error instanceof PageMessage)
    return (
      <div className={`notice tone-${error.tone}`} role="alert">
        <Icon name={error.tone === 'held' ? 'info' : 'warn'} />
        <p className="notice-text">{error.message}</p>
      </div>
    );
  const { code, message } = toApiError(error);
  const advice = adviceFor(code);
  return (
    <div className="notice tone-bad" role="alert">
      <Icon name="warn" />
      <div>
        <p className="notice-text">{message}</p>
        <p className="notice-more">
          <code>{code}</code>
          {advice && ` ${advice}`}
        </p>
      </div>
      {onRetry && (
        <button type="button" className="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Information, or by its tone a warning. */
export function Notice({
  tone = 'idle',
  children,
}: {
  readonly tone?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={`notice tone-${tone}`}>
      <Icon name={tone === 'held' || tone === 'bad' ? 'warn' : 'info'} />
      <div className="notice-text">{children}</div>
    </div>
  );
}

/** In place of an empty list: what that means, and what to do. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** In place of something that is being loaded. */
export function Loading({ what }: { readonly what: string }): ReactElement {
  return (
    <p className="loading" role="status">
      Loading {what} …
    </p>
  );
}
