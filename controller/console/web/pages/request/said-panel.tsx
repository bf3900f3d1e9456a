import type { ReactElement } from 'react';
import type { Standing } from '../../api/index.ts';
import { hosts } from '../../text/index.ts';
import { Facts, KernelCounts, StateBadge } from '../../ui/index.ts';

/** What the controller adds; it is not signed, and looks so. */
export function SaidPanel({ standing }: { readonly standing: Standing }): ReactElement {
  const { state, approvers, threshold, expectedHosts, kernels, rollout } = standing;
  const waves = rollout?.waves ?? [];
  return (
    <section className="panel said" aria-labelledby="said">
      <div className="panel-head">
        <h2 id="said">The controller’s word</h2>
        <span className="word">not part of what is signed</span>
      </div>
      <Facts
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
