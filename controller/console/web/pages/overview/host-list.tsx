import type { ReactElement } from 'react';
import type { HostJson } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { Cell, HostLabels, RelativeTime, useNarrow, VirtualList } from '../../ui/index.ts';
import { signingOf } from './facets.ts';

const COLUMNS = ['Host', 'Kernel', 'Arch', 'Modules', 'Last seen', 'Labels'];

/** A table of hosts. */
export function HostList({ hosts }: { readonly hosts: readonly HostJson[] }): ReactElement {
  const isNarrow = useNarrow();
  return (
    <VirtualList
      items={hosts}
      label="Hosts"
      className="hosts"
      columns={isNarrow ? ['Host', 'Last seen'] : COLUMNS}
      rowHeightPx={isNarrow ? 58 : 36}
      keyOf={({ host }) => host}
    >
      {host => (isNarrow ? <NarrowRow host={host} /> : <WideRow host={host} />)}
    </VirtualList>
  );
}

function WideRow({ host }: { readonly host: HostJson }): ReactElement {
  return (
    <>
      <Cell>
        <a className="row-link" href={hrefTo(['hosts', host.host])}>
          <b>{host.host}</b>
        </a>
      </Cell>
      <Cell>
        <code>{host.kernelRelease}</code>
      </Cell>
      <Cell>{host.arch}</Cell>
      <Cell>{signingOf(host)}</Cell>
      <Cell>
        <LastSeen host={host} />
      </Cell>
      <Cell>
        <HostLabels labels={host.labels} />
      </Cell>
    </>
  );
}

function NarrowRow({ host }: { readonly host: HostJson }): ReactElement {
  return (
    <>
      <Cell>
        <a className="row-link" href={hrefTo(['hosts', host.host])}>
          <b>{host.host}</b>
        </a>
        <div className="muted small-text">
          {host.kernelRelease} {host.arch}
        </div>
      </Cell>
      <Cell>
        <span className="small-text">
          <LastSeen host={host} />
        </span>
      </Cell>
    </>
  );
}

/** When a host was last heard; or, where it gets no orders or is to be removed, that. */
function LastSeen({ host }: { readonly host: HostJson }): ReactElement {
  if (host.lockReason !== undefined) return <span className="state tone-bad">locked</span>;
  if (host.hold) return <span className="state tone-held">held</span>;
  if (host.removalSigners.length > 0) return <span className="state tone-held">removal proposed</span>;
  return <RelativeTime ms={host.lastSeenAtMs} />;
}
