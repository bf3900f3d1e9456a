import { type ReactElement, useState } from 'react';
import { Icon } from '../../ui/index.ts';

/**
 * The fields above the list of hosts: a selector, which the controller evaluates, and a search on the page.
 */
export function HostFilters({
  text,
  onText,
  onSelector,
}: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onSelector: (selector: string) => void;
}): ReactElement {
  const [selector, setSelector] = useState('');
  const apply = (): void => onSelector(selector.trim());
  return (
    <div className="filters">
      <form
        className="search"
        onSubmit={event => {
          event.preventDefault();
          apply();
        }}
      >
        <Icon name="fleet" />
        <input
          className="mono"
          aria-label="Selector, Enter to apply"
          placeholder="selector: env=prod,kernel~6.1 ⏎"
          value={selector}
          spellCheck={false}
          onChange={event => setSelector(event.target.value)}
          onBlur={apply}
        />
      </form>
      <div className="search">
        <Icon name="search" />
        <input
          type="search"
          data-search
          aria-label="Search names and labels"
          placeholder="search names and labels"
          value={text}
          onChange={event => onText(event.target.value)}
        />
      </div>
    </div>
  );
}
