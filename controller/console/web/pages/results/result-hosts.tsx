import type { ReactElement } from 'react';
import type { HostResultJson } from '../../api/index.ts';
import { duration, visible } from '../../text/index.ts';
import { Cell, OutcomeBadge, useNarrow, VirtualList } from '../../ui/index.ts';

/** The hosts of a request, each with its outcome. */
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
            {isNarrow && <div className="muted small-text mono cut">{summaryOf(host)}</div>}
          </Cell>
          <Cell>
            <OutcomeBadge outcome={host.outcome ?? 'waiting'} />
          </Cell>
          {!isNarrow && (
            <>
              <Cell>
                <code>{summaryOf(host)}</code>
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

/** The value or error of a host in one line. */
function summaryOf({ result, unhealthy }: HostResultJson): string {
  if (unhealthy) return `unhealthy: ${visible(unhealthy)}`;
  const error = result?.error;
  const text = result?.value?.text ?? (error ? `${error.code} ${error.message.split('\n')[0]}` : '');
  const rows = result?.rows?.length ?? 0;
  return visible(rows > 0 ? `${text} ${rows} rows` : text).slice(0, 240);
}
