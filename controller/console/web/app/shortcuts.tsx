import { type ReactElement, useEffect, useState } from 'react';
import { goTo, hrefTo, mayAsk, useMe } from '../nav/index.ts';
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
  { keys: 'g a', text: 'Audit', to: 'audit' },
  { keys: 'g t', text: 'Trust', to: 'trust' },
  { keys: '/', text: 'Search in the page' },
  { keys: '↑ ↓', text: 'Through the rows of a list' },
  { keys: '?', text: 'This list' },
];

/** Listens for keys, and shows which there are. */
export function Shortcuts(): ReactElement | null {
  const [isShown, setShown] = useState(false);
  const canAsk = mayAsk(useMe());
  useEffect(() => {
    let before = '';
    const show = (): void => setShown(true);
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const keys = before === 'g' ? `g ${event.key}` : event.key;
      before = event.key;
      const found = SHORTCUTS.find(shortcut => shortcut.keys === keys);
      if (!found || (found.to === 'new' && !canAsk)) return;
      event.preventDefault();
      if (found.to !== undefined) goTo(hrefTo(found.to === '' ? [] : [found.to]));
      else if (keys === '?') show();
      else document.querySelector<HTMLElement>('main [data-search]')?.focus();
    };
    addEventListener('keydown', press);
    addEventListener('farcall-shortcuts', show);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('farcall-shortcuts', show);
    };
  }, [canAsk]);
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

/** Whether the key is meant for a control: a field, or the editor, whose own element is in a shadow tree. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    !!document.querySelector('dialog[open]')
  );
}
