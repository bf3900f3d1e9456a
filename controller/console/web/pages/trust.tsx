import type { ReactElement } from 'react';
import { type Effect, type Policy, type TrustJson, urlOf, useApi } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { until } from '../text/index.ts';
import { ErrorNotice, FactList, Icon, Loading, Notice, Timestamp, useNow } from '../ui/index.ts';

/** Less time left than this is worth a warning. */
const SOON_MS = 14 * 24 * 3_600_000;

/** Who may request and approve, and how many must approve. */
export function TrustPage(): ReactElement {
  const { data: trust, error } = useApi(urlOf('trust', {}), 'trust');
  const nowMs = useNow();
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Trust</h1>
          <p>The trust bundle, against which every host verifies signatures. Only the roots can change it.</p>
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
          The bundle expires in {until(trust.expiresAtMs, nowMs)}. After that nothing is trusted, so the roots
          should publish a newer bundle with <code>farcall trust publish</code>.
        </Notice>
      )}
      {trust && (
        <div className="columns wide-left">
          <People people={trust.people} />
          <div className="stack">
            <section className="panel" aria-labelledby="bundle">
              <h2 id="bundle">Bundle</h2>
              <FactList
                entries={[
                  ['version', trust.version],
                  ['expires', <Timestamp key="e" ms={trust.expiresAtMs} />],
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
  const effects: readonly Effect[] = ['read', 'call', 'write'];
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
          {(Object.entries(policies) as [Policy, NonNullable<TrustJson['policies'][Policy]>][]).map(
            ([policy, needed]) => (
              <tr key={policy}>
                <th scope="row">{policy}</th>
                {effects.map(effect => (
                  <td className="number" key={effect}>
                    {needed[effect]}
                  </td>
                ))}
              </tr>
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}
