import type { ReactElement } from 'react';
import type { Shape } from '../text/index.ts';

/** Names of icons: those of outcomes and states, and others. */
export type IconName =
  | Shape
  | 'fleet'
  | 'list'
  | 'plus'
  | 'log'
  | 'key'
  | 'sun'
  | 'moon'
  | 'auto'
  | 'out'
  | 'copy'
  | 'back'
  | 'again'
  | 'host'
  | 'search'
  | 'keyboard'
  | 'close'
  | 'warn'
  | 'info'
  | 'function';

/** The path of each icon, 16 by 16, drawn as lines. */
const PATHS: Readonly<Record<IconName, string>> = {
  check: 'M3 8.5l3.2 3.2L13 4.8',
  dash: 'M4 8h8M8 1.7a6.3 6.3 0 100 12.6A6.3 6.3 0 008 1.7',
  stop: 'M5.3 1.7h5.4l3.6 3.6v5.4l-3.6 3.6H5.3l-3.6-3.6V5.3zM5.5 5.5l5 5',
  minus: 'M2 14L14 2M8 2.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11',
  braces: 'M6 2.5c-3 0-1 4.5-3.5 5.5C5 9 3 13.5 6 13.5M10 2.5c3 0 1 4.5 3.5 5.5C11 9 13 13.5 10 13.5',
  down: 'M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8M8 4.5V8l2.5 1.7',
  question: 'M5.5 5.5C5.5 2 11 2 11 5.3c0 2.2-3 2.2-3 4.7M8 12.8v.4',
  hourglass: 'M4 2h8M4 14h8M5 2c0 4 6 4 6 12M11 2c0 4-6 4-6 12',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 014.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 013 8.5L4.5 7M2 2l2 2M12 12l2 2',
  dots: 'M3 8h.01M8 8h.01M13 8h.01',
  play: 'M5 3l8 5-8 5z',
  pause: 'M5.5 3v10M10.5 3v10',
  seal: 'M8 1.5l1.7 1.4 2.2-.2.5 2.1 1.9 1.1-.9 2.1.9 2-1.9 1.1-.5 2.2-2.2-.2L8 14.5l-1.7-1.4-2.2.2-.5-2.2-1.9-1.1.9-2-.9-2.1 1.9-1.1.5-2.1 2.2.2zM5.7 8.2l1.7 1.7 3-3.4',
  fleet: 'M2 2.5h12v4H2zM2 9.5h12v4H2zM4.5 4.5h.01M4.5 11.5h.01M8 4.5h3.5M8 11.5h3.5',
  list: 'M5.5 3.5H14M5.5 8H14M5.5 12.5H14M2 3.5h.01M2 8h.01M2 12.5h.01',
  plus: 'M8 2.5v11M2.5 8h11',
  log: 'M3 1.8h7l3 3v9.4H3zM5.5 7h5M5.5 10h5M5.5 4.3h2',
  key: 'M9.5 2a4.5 4.5 0 11-3.6 7.2L5 10v1.5H3.5V13H1.8v-2.3l4-4A4.5 4.5 0 019.5 2M10.7 5.3h.01',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.8A6 6 0 016.2 2.5a6 6 0 107.3 7.3',
  auto: 'M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8M8 2v12M9 4.5h3M9 7h4.5M9 9.5h4.5M9 12h2.5',
  out: 'M6.5 2H2.5v12h4M6 8h8M11 5l3 3-3 3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  back: 'M10 3L5 8l5 5',
  again: 'M13.5 8A5.5 5.5 0 1111.8 4M13.5 1.8v3h-3',
  host: 'M2 3h12v8H2zM5.5 14h5M8 11v3',
  search: 'M7 2a5 5 0 100 10A5 5 0 007 2M10.7 10.7L14 14',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M4.5 9.5h7',
  close: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2L14.5 13.5h-13zM8 6.5v3.5M8 11.8v.01',
  info: 'M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8M8 7.3v4M8 4.8v.01',
  function: 'M9.5 2.5C6.5 2 7.5 6 7 8s0 6-3.5 5.5M4.5 7h5M10 9l4 4.5M14 9l-4 4.5',
};

/** A small icon in the colour of the text. It is decoration: the text beside it has the same meaning. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
