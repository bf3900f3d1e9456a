import type { ReactElement, ReactNode } from 'react';

/** A list of names with their values. Entries that are undefined are left out. */
export function FactList({
  entries,
}: {
  readonly entries: readonly (readonly [name: string, value: ReactNode] | undefined)[];
}): ReactElement {
  return (
    <dl className="facts">
      {entries.map(
        entry =>
          entry && (
            <div key={entry[0]}>
              <dt>{entry[0]}</dt>
              <dd>{entry[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** The labels of a host. */
export function HostLabels({ labels }: { readonly labels: Readonly<Record<string, string>> }): ReactElement {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span className="muted">none</span>;
  return (
    <span className="labels">
      {entries.map(([name, value]) => (
        <code key={name}>{value === '' ? name : `${name}=${value}`}</code>
      ))}
    </span>
  );
}
