import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

/** Rows that are drawn above and below what is seen, so that scrolling shows no gaps. */
const AHEAD_ROWS = 8;

/** What a virtual list is told. */
export interface VirtualListProps<T> {
  readonly items: readonly T[];
  /** Every row is so high. */
  readonly rowHeightPx: number;
  readonly label: string;
  readonly keyOf: (item: T) => string;
  /** Draws a row; the first link in it is what the arrow keys go to. */
  readonly children: (item: T) => ReactNode;
  readonly columns?: readonly string[];
  readonly className?: string;
  /** Called when the end comes into sight. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * A table of any length that scrolls with the page and draws only the rows that can be seen. Arrow keys, Home, End and Page
 * keys go through the rows; screen readers are told how many there are.
 */
export function VirtualList<T>(props: VirtualListProps<T>): ReactElement {
  const { items, rowHeightPx, label, keyOf, children, columns = [], className = '', onEnd } = props;
  const body = useRef<HTMLDivElement>(null);
  const { first, last } = useVisible(body, rowHeightPx, items.length);
  const focusAt = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (focusAt.current === undefined) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${focusAt.current}"] a`);
    if (row) {
      focusAt.current = undefined;
      row.focus({ preventScroll: true });
    }
  });
  const endSeen = last >= items.length;
  useLayoutEffect(() => {
    if (endSeen) onEnd?.();
  }, [endSeen, onEnd]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const step = STEPS[event.key];
    if (!row || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const index = Math.min(Math.max(Number(row.dataset['index']) + step, 0), items.length - 1);
    focusAt.current = index;
    scrollToRow(body.current!, index * rowHeightPx, rowHeightPx);
    // Where the row is drawn already nothing is drawn anew.
    body.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus({ preventScroll: true });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a real table cannot stand at any height
    <div className={`vlist ${className}`} role="table" aria-label={label} aria-rowcount={items.length + 1}>
      {columns.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: as above
        // biome-ignore lint/a11y/useFocusableInteractive: a heading is no control
        <div role="row" className="vlist-head" aria-rowindex={1}>
          {columns.map(column => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useFocusableInteractive: a heading is no control
            <span role="columnheader" key={column}>
              {column}
            </span>
          ))}
        </div>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div
        ref={body}
        role="rowgroup"
        className="vlist-body"
        style={{ height: items.length * rowHeightPx }}
        onKeyDown={onKeyDown}
      >
        {items.slice(first, last).map((item, offset) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: the link in it has the focus
          <div
            role="row"
            key={keyOf(item)}
            className="vlist-row"
            data-index={first + offset}
            aria-rowindex={first + offset + 2}
            style={{ top: (first + offset) * rowHeightPx, height: rowHeightPx }}
          >
            {children(item)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** One column of a row. */
export function Cell({ children }: { readonly children: ReactNode }): ReactElement {
  // biome-ignore lint/a11y/useSemanticElements: cells of a real table cannot stand at any height
  return <div role="cell">{children}</div>;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -Infinity,
  End: Infinity,
};

function useVisible(body: React.RefObject<HTMLElement | null>, rowHeightPx: number, rows: number) {
  const [seen, setSeen] = useState({ first: 0, last: Math.min(rows, 60) });
  useLayoutEffect(() => {
    const look = (): void => {
      if (!body.current) return;
      const topPx = -body.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(topPx / rowHeightPx) - AHEAD_ROWS);
      const last = Math.min(rows, Math.ceil((topPx + innerHeight) / rowHeightPx) + AHEAD_ROWS);
      const now = { first: Math.min(first, rows), last: Math.max(last, 0) };
      setSeen(before => (before.first === now.first && before.last === now.last ? before : now));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(document.body);
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      watch.disconnect();
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [body, rowHeightPx, rows]);
  return seen;
}

/** Scrolls the page as little as it takes; some room is for what covers its edges. */
function scrollToRow(body: HTMLElement, rowTopPx: number, rowHeightPx: number): void {
  const coverPx = 72;
  const topPx = body.getBoundingClientRect().top + rowTopPx;
  if (topPx < coverPx) scrollBy(0, topPx - coverPx);
  else if (topPx + rowHeightPx > innerHeight - coverPx)
    scrollBy(0, topPx + rowHeightPx - innerHeight + coverPx);
}
