import type { ReactElement } from 'react';
import { type TrustJson, useApi } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { until } from '../text/index.ts';
import { At, ErrorNotice, Facts, Icon, Loading, Notice, useNow } from '../ui/index.ts';

const SOON_MS = 14 * 24 * 3_600_000;

/** Who may ask, approve and order, and how many must approve what. */
export function TrustPage(): ReactElement {
  const { data: trust, error } = useApi<TrustJson>('/api/trust', 'trust');
  const nowMs = useNow();
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Trust</h1>
          <p>The trust bundle: what every host holds signatures against. Only the roots change it.</p>
        </div>
        <div className="actions">
          <a className="button" href={hrefTo(['passkey'])}>
            <Icon name="key" /> Make a passkey
          </a>
        </div>
      </header>
      {error && <ErrorNotice error={error} />}
      {!trust && !error && <Loading what="the trust bundle" />}
      {trust && trust.expiresAtMs - nowMs < SOON_MS && (
        <Notice tone="held">
          The bundle ends in {until(trust.expiresAtMs, nowMs)}. From then on nothing is trusted: the roots
          should publish a newer one with <code>farcall trust publish</code>.
        </Notice>
      )}
      {trust && (
        <div className="columns wide-left">
          <People people={trust.people} />
          <div className="stack">
            <section className="panel" aria-labelledby="bundle">
              <h2 id="bundle">Bundle</h2>
              <Facts
                entries={[
                  ['version', trust.version],
                  ['ends', <At key="e" ms={trust.expiresAtMs} />],
                ]}
              />
            </section>
            <Thresholds policies={trust.policies} />
          </div>
        </div>
      )}
    </>
  );
}

function People({ people }: Pick<TrustJson, 'people'>): ReactElement {
  return (
    <section className="panel" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul className="people">
        {people.map(({ name, roles, keys }) => (
          <li key={name}>
            <div>
              <b>{name}</b>
              <p className="muted small-text">{roles.join(', ')}</p>
            </div>
            <ul>
              {keys.map(({ kid, kind }) => (
                <li key={kid}>
                  <span className={kind === 'passkey' ? 'key-kind tone-ok' : 'key-kind tone-idle'}>
                    <Icon name={kind === 'passkey' ? 'seal' : 'key'} size={13} />
                    {kind === 'passkey' ? 'passkey' : 'key in a file'}
                  </span>
                  <code className="muted break">{kid}</code>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Thresholds({ policies }: Pick<TrustJson, 'policies'>): ReactElement {
  const effects = ['read', 'call', 'write'];
  return (
    <section className="panel" aria-labelledby="thresholds">
      <h2 id="thresholds">Approvals needed</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Policy</th>
            {effects.map(effect => (
              <th scope="col" className="number" key={effect}>
                {effect}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(policies).map(([policy, needed]) => (
            <tr key={policy}>
              <th scope="row">{policy}</th>
              {effects.map(effect => (
                <td className="number" key={effect}>
                  {needed[effect] ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
