import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { goTo, hrefTo, mayRequest, useMe } from '../nav/index.ts';
import { Dialog } from '../ui/index.ts';

interface Shortcut {
  readonly keys: string;
  readonly text: string;
  readonly to?: string;
}

const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'g o', text: 'Overview', to: '' },
  { keys: 'g r', text: 'Requests', to: 'requests' },
  { keys: 'g n', text: 'New request', to: 'new' },
  { keys: 'g p', text: 'Probes', to: 'probes' },
  { keys: 'g a', text: 'Audit', to: 'audit' },
  { keys: 'g t', text: 'Trust', to: 'trust' },
  { keys: '/', text: 'Search on this page' },
  { keys: '↑ ↓', text: 'Move through the rows of a list' },
  { keys: '?', text: 'Show this list' },
];

/** Name of the window's event that opens the list of shortcuts. */
export const SHOW_SHORTCUTS_EVENT = 'farcall-shortcuts';

/** Listens for the shortcuts, and shows a list of them on request. */
export function Shortcuts(): ReactElement | null {
  const [isShown, setShown] = useState(false);
  const show = useCallback(() => setShown(true), []);
  useShortcuts(show);
  if (!isShown) return null;
  return (
    <Dialog title="Keyboard" onClose={() => setShown(false)}>
      <table className="shortcuts">
        <tbody>
          {SHORTCUTS.map(({ keys, text }) => (
            <tr key={keys}>
              <th scope="row">{text}</th>
              <td>
                {keys.split(' ').map(key => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function useShortcuts(show: () => void): void {
  const canRequest = mayRequest(useMe());
  useEffect(() => {
    let previous = '';
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const keys = previous === 'g' ? `g ${event.key}` : event.key;
      previous = event.key;
      const found = SHORTCUTS.find(shortcut => shortcut.keys === keys);
      if (!found || (found.to === 'new' && !canRequest)) return;
      event.preventDefault();
      if (found.to !== undefined) goTo(hrefTo(found.to === '' ? [] : [found.to]));
      else if (keys === '?') show();
      else document.querySelector<HTMLElement>('main [data-search]')?.focus();
    };
    addEventListener('keydown', press);
    addEventListener(SHOW_SHORTCUTS_EVENT, show);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener(SHOW_SHORTCUTS_EVENT, show);
    };
  }, [canRequest, show]);
}

/** Whether the key is for a control: a field, or the editor, whose element is in a shadow tree. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    !!document.querySelector('dialog[open]')
  );
}
