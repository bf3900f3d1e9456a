import { useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

/** Rows that are rendered above and below the visible ones, so that scrolling shows no gaps. */
const OVERSCAN_ROWS = 8;

/** Height of what may cover the page's upper and lower edge; a focused row is scrolled to be clear of it. */
const COVERED_PX = 72;

/** Items and appearance of a virtual list. */
export interface VirtualListProps<T> {
  readonly items: readonly T[];
  /** Every row has this height. */
  readonly rowHeightPx: number;
  readonly label: string;
  readonly keyOf: (item: T) => string;
  /** Renders a row; the arrow keys move the focus to the first link in it. */
  readonly children: (item: T) => ReactNode;
  readonly columns?: readonly string[];
  readonly className?: string;
  /** Called when the last row is rendered. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * A table of any length that scrolls with the page and renders only the visible rows. Arrow keys, Home, End
 * and the Page keys move through the rows; screen readers are told how many there are.
 */
export function VirtualList<T>(props: VirtualListProps<T>): ReactElement {
  const { items, label, children, columns = [], className = '', onEnd } = props;
  const body = useRef<HTMLDivElement>(null);
  const virtualizer = useRows(props, body);
  const rows = virtualizer.getVirtualItems();
  const onKeyDown = useRowKeys(body, virtualizer);
  const isEndRendered = (rows.at(-1)?.index ?? -1) >= items.length - 1;
  useLayoutEffect(() => {
    if (isEndRendered) onEnd?.();
  }, [isEndRendered, onEnd]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a real table cannot be placed at any height
    <div className={`vlist ${className}`} role="table" aria-label={label} aria-rowcount={items.length + 1}>
      {columns.length > 0 && <HeadRow columns={columns} />}
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div
        ref={body}
        role="rowgroup"
        className="vlist-body"
        style={{ height: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {rows.map(({ key, index, start, size }) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: the link in it has the focus
          <div
            role="row"
            key={key}
            className="vlist-row"
            data-index={index}
            aria-rowindex={index + 2}
            style={{ top: start - virtualizer.options.scrollMargin, height: size }}
          >
            {children(items[index]!)}
          </div>
        ))}
      </div>
    </div>
  );
}

function HeadRow({ columns }: { readonly columns: readonly string[] }): ReactElement {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a real table cannot be placed at any height
    // biome-ignore lint/a11y/useFocusableInteractive: a heading is not a control
    <div role="row" className="vlist-head" aria-rowindex={1}>
      {columns.map(column => (
        // biome-ignore lint/a11y/useSemanticElements: as above
        // biome-ignore lint/a11y/useFocusableInteractive: as above
        <span role="columnheader" key={column}>
          {column}
        </span>
      ))}
    </div>
  );
}

/** One column of a row. */
export function Cell({ children }: { readonly children: ReactNode }): ReactElement {
  // biome-ignore lint/a11y/useSemanticElements: cells of a real table cannot be placed at any height
  return <div role="cell">{children}</div>;
}

type Body = RefObject<HTMLDivElement | null>;

function useRows<T>({ items, rowHeightPx, keyOf }: VirtualListProps<T>, body: Body) {
  return useWindowVirtualizer<HTMLDivElement>({
    count: items.length,
    estimateSize: useCallback(() => rowHeightPx, [rowHeightPx]),
    getItemKey: useCallback((index: number) => keyOf(items[index]!), [items, keyOf]),
    overscan: OVERSCAN_ROWS,
    scrollMargin: useTopPx(body),
    scrollPaddingStart: COVERED_PX,
    scrollPaddingEnd: COVERED_PX,
  });
}

/** Distance of an element from the top of the page, also after what is above it has changed its height. */
function useTopPx(body: Body): number {
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (body.current) setTopPx(Math.round(body.current.getBoundingClientRect().top + scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [body]);
  return topPx;
}

/** How far each key moves. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -Infinity,
  End: Infinity,
};

/** Moves the focus through the rows; a row that is not rendered yet gets the focus once it is. */
function useRowKeys(body: Body, virtualizer: Virtualizer<Window, HTMLDivElement>) {
  const pendingIndex = useRef<number | undefined>(undefined);
  const focusPending = (): void => {
    const link = body.current?.querySelector<HTMLElement>(`[data-index="${pendingIndex.current}"] a`);
    if (!link) return;
    pendingIndex.current = undefined;
    link.focus({ preventScroll: true });
  };
  useLayoutEffect(focusPending);
  return (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const step = STEPS[event.key];
    if (!row || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const last = virtualizer.options.count - 1;
    pendingIndex.current = Math.min(Math.max(Number(row.dataset['index']) + step, 0), last);
    virtualizer.scrollToIndex(pendingIndex.current, { align: 'auto' });
    focusPending();
  };
}
