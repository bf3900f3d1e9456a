import type { ReactElement } from 'react';
import type { KernelGroup } from '../api/index.ts';
import { count } from '../text/index.ts';

/** Names of hosts that are shown for each kernel. */
const EXAMPLES_LIMIT = 3;

/** How many hosts run each kernel. */
export function KernelCounts({
  kernels,
  isShort = false,
}: {
  readonly kernels: readonly KernelGroup[];
  /** Leaves out the names of hosts. */
  readonly isShort?: boolean;
}): ReactElement {
  return (
    <ul className="kernel-counts" aria-label="Hosts by kernel">
      {kernels.map(({ kernelRelease, arch, hosts, examples }) => (
        <li key={`${kernelRelease} ${arch}`} title={examples.join(', ')}>
          <b>{count(hosts)}</b>
          <code>{kernelRelease}</code>
          <span className="muted">{arch}</span>
          {!isShort && (
            <span className="muted small-text examples">
              {examples.slice(0, EXAMPLES_LIMIT).join(', ')}
              {hosts > Math.min(EXAMPLES_LIMIT, examples.length) ? ', …' : ''}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
