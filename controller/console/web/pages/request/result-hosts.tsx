import type { ReactElement } from 'react';
import type { HostResultJson } from '../../api/index.ts';
import { duration, visible } from '../../text/index.ts';
import { Cell, OutcomeBadge, useNarrow, VirtualList } from '../../ui/index.ts';

/** The hosts of a request with what came of it there. */
export function ResultHosts({
  hosts,
  hrefOf,
  onEnd,
}: {
  readonly hosts: readonly HostResultJson[];
  readonly hrefOf: (host: string) => string;
  readonly onEnd: (() => void) | undefined;
}): ReactElement {
  const isNarrow = useNarrow();
  return (
    <VirtualList
      items={hosts}
      label="Hosts and their outcomes"
      className="result-hosts"
      columns={isNarrow ? ['Host', 'Outcome'] : ['Host', 'Outcome', 'Value or error', 'Kernel', 'Time']}
      rowHeightPx={isNarrow ? 58 : 36}
      keyOf={({ host }) => host}
      onEnd={onEnd}
    >
      {host => (
        <>
          <Cell>
            <a className="row-link" href={hrefOf(host.host)}>
              <b>{host.host}</b>
            </a>
            {isNarrow && <div className="muted small-text mono cut">{shortOf(host)}</div>}
          </Cell>
          <Cell>
            <OutcomeBadge outcome={host.outcome ?? 'waiting'} />
          </Cell>
          {!isNarrow && (
            <>
              <Cell>
                <code>{shortOf(host)}</code>
              </Cell>
              <Cell>
                <code className="muted">{host.kernelRelease}</code>
              </Cell>
              <Cell>
                {host.result && <span className="muted">{duration(host.result.timings.totalUs / 1000)}</span>}
              </Cell>
            </>
          )}
        </>
      )}
    </VirtualList>
  );
}

/** What one wants to know of a host in a line. */
function shortOf({ result, unhealthy }: HostResultJson): string {
  if (unhealthy) return `unwell: ${visible(unhealthy)}`;
  const error = result?.error;
  const text = result?.value?.text ?? (error ? `${error.code} ${error.message.split('\n')[0]}` : '');
  const rows = result?.rows?.length ?? 0;
  return visible(rows > 0 ? `${text} ${rows} rows` : text).slice(0, 240);
}
