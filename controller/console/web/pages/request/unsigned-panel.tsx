import type { ReactElement } from 'react';
import type { RequestStatusJson } from '../../api/index.ts';
import { hosts } from '../../text/index.ts';
import { FactList, KernelCounts, StateBadge } from '../../ui/index.ts';

/**
 * What the controller adds to a request; nobody signed it, and the panel looks different from the signed one.
 */
export function UnsignedPanel({ status }: { readonly status: RequestStatusJson }): ReactElement {
  const { state, approvers, threshold, expectedHosts, kernels, rollout } = status;
  const waves = rollout?.waves ?? [];
  return (
    <section className="panel said" aria-labelledby="unsigned">
      <div className="panel-head">
        <h2 id="unsigned">From the controller</h2>
        <span className="word">not part of what is signed</span>
      </div>
      <FactList
        entries={[
          ['state', <StateBadge key="s" state={state} />],
          [
            'approvals',
            <span key="a">
              <b>
                {approvers.length} of {threshold}
              </b>{' '}
              {approvers.join(', ')}
            </span>,
          ],
          waves.length > 1
            ? ['waves', waves.map(wave => `${wave.number}: ${hosts(wave.hosts)}`).join(', ')]
            : undefined,
        ]}
      />
      <h3>{hosts(expectedHosts)} by kernel</h3>
      <KernelCounts kernels={kernels} />
    </section>
  );
}
