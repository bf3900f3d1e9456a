import type { ReactElement } from 'react';
import { type Policy, type TrustJson, urlOf, useApi } from '../api/index.ts';
import { hrefTo } from '../nav/index.ts';
import { EFFECTS } from '../signed/index.ts';
import { until, visible } from '../text/index.ts';
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
          <div className="stack">
            <Locks {...trust} />
            <People {...trust} />
          </div>
          <div className="stack">
            <section className="panel" aria-labelledby="bundle">
              <h2 id="bundle">Bundle</h2>
              <FactList
                entries={[
                  ['version', trust.version],
                  ['expires', <Timestamp key="e" ms={trust.expiresAtMs} />],
                  ['roots that must sign', trust.rootThreshold],
                ]}
              />
            </section>
            <Thresholds policies={trust.policies} />
            <Teams {...trust} />
            <Scopes {...trust} />
          </div>
        </div>
      )}
    </>
  );
}

function Locks({ locks }: Pick<TrustJson, 'locks'>): ReactElement | undefined {
  if (locks.length === 0) return undefined;
  return (
    <section className="panel" aria-labelledby="locks">
      <h2 id="locks">Locks</h2>
      <p className="muted small-text">
        What is locked has no rights at the controllers until <code>farcall unlock</code>.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Locked</th>
            <th scope="col">By</th>
            <th scope="col">Since</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {locks.map(({ kind, name, lockedBy, lockedAtMs, reason }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">
                {kind} {kind === 'host' ? <a href={hrefTo(['hosts', name])}>{name}</a> : name}
              </th>
              <td>{lockedBy}</td>
              <td>
                <Timestamp ms={lockedAtMs} />
              </td>
              <td>{visible(reason)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function People({ people, locks }: Pick<TrustJson, 'people' | 'locks'>): ReactElement {
  const locked = new Set(locks.flatMap(({ kind, name }) => (kind === 'host' ? [] : [name])));
  return (
    <section className="panel" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul className="people">
        {people.map(({ name, roles, keys }) => (
          <li key={name}>
            <div>
              <b>{name}</b>
              <p className="muted small-text">
                {roles.join(', ')}
                {locked.has(name) && <span className="state tone-bad">locked</span>}
              </p>
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
  return (
    <section className="panel" aria-labelledby="thresholds">
      <h2 id="thresholds">Approvals needed</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Policy</th>
            {EFFECTS.map(effect => (
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
                {EFFECTS.map(effect => (
                  <td className="number" key={effect}>
                    {needed[effect] ?? (effect === 'deny' ? needed.write : needed.call)}
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

function Teams({ teams, policies }: Pick<TrustJson, 'teams' | 'policies'>): ReactElement | undefined {
  if (teams.length === 0) return undefined;
  const seats = (team: string): string =>
    Object.entries(policies)
      .flatMap(([policy, needed]) => {
        const count = needed?.teams?.[team];
        return count === undefined ? [] : [`${count} for ${policy}`];
      })
      .join(', ') || 'none';
  return (
    <section className="panel" aria-labelledby="teams">
      <h2 id="teams">Teams</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Team</th>
            <th scope="col">Members</th>
            <th scope="col">Approvals that must come from it</th>
          </tr>
        </thead>
        <tbody>
          {teams.map(({ name, members }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{members.join(', ')}</td>
              <td>{seats(name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Scopes({ scopes }: Pick<TrustJson, 'scopes'>): ReactElement | undefined {
  if (scopes.length === 0) return undefined;
  return (
    <section className="panel" aria-labelledby="scopes">
      <h2 id="scopes">Scopes</h2>
      <p className="muted small-text">Who is not named here may do what their role allows.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">May</th>
            <th scope="col">Only</th>
          </tr>
        </thead>
        <tbody>
          {scopes.map(({ may, person, team, policies, effects, hosts, functions }) => (
            <tr key={JSON.stringify([may, person, team, policies, effects, hosts, functions])}>
              <th scope="row">{person ?? `team ${team}`}</th>
              <td>{may}</td>
              <td>
                <FactList
                  entries={[
                    ...(policies ? ([['policies', policies.join(', ')]] as const) : []),
                    ...(effects ? ([['effects', effects.join(', ')]] as const) : []),
                    ...(hosts === undefined ? [] : ([['hosts', hosts]] as const)),
                    ...(functions ? ([['functions', functions.join(', ')]] as const) : []),
                  ]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
