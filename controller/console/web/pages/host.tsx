import type { ReactElement } from 'react';
import { type HostJson, useApi } from '../api/index.ts';
import { hrefTo, mayAsk, useMe } from '../nav/index.ts';
import { Ago, At, Empty, ErrorNotice, Facts, Icon, Labels, Loading } from '../ui/index.ts';

/** One host: what it is, what its kernel lets us do, and by whose word. */
export function HostPage({ name }: { readonly name: string }): ReactElement {
  const selector = `host=${name}`;
  const { data, error } = useApi<{ hosts: readonly HostJson[] }>(
    `/api/hosts?selector=${encodeURIComponent(selector)}`,
    'hosts',
  );
  const host = data?.hosts[0];
  const canAsk = mayAsk(useMe());
  return (
    <>
      <header className="page-head">
        <div>
          <a className="crumb" href={hrefTo([])}>
            <Icon name="back" size={14} /> Fleet
          </a>
          <h1>{name}</h1>
        </div>
        <div className="actions">
          {canAsk && host && (
            <a className="button" href={hrefTo(['new'], { hosts: selector })}>
              <Icon name="plus" /> New request for this host
            </a>
          )}
        </div>
      </header>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="the host" />}
      {data && !host && <Empty title={`There is no host ${name}`}>It may have been removed.</Empty>}
      {host && <HostFacts host={host} />}
    </>
  );
}

function HostFacts({ host }: { readonly host: HostJson }): ReactElement {
  return (
    <div className="columns">
      <section className="panel signed" aria-labelledby="host-says">
        <div className="panel-head">
          <h2 id="host-says">What it says of itself</h2>
          <span className="word">
            <Icon name="seal" size={14} /> signed by the host
          </span>
        </div>
        <Facts
          entries={[
            ['kernel', <code key="k">{host.kernelRelease}</code>],
            host.kernelVersion ? ['build', <code key="v">{host.kernelVersion}</code>] : undefined,
            ['architecture', host.arch],
            ['modules', host.modulesDisabled ? 'loading is switched off' : 'can be loaded'],
            ['signing', host.sigEnforce ? 'enforced: only signed modules' : 'not enforced'],
            host.signing
              ? ['trusts', host.signing.keys.map(({ name, keyId }) => name || keyId).join(', ') || 'no key']
              : undefined,
            ['lockdown', host.lockdown || 'none'],
            [
              'secure boot',
              host.secureBoot === undefined ? 'unknown (no EFI)' : host.secureBoot ? 'on' : 'off',
            ],
            ['taint', host.taint === 0 ? 'none' : <code key="t">{`0x${host.taint.toString(16)}`}</code>],
            ['agent', host.agentVersion],
            ['boot', <code key="b">{host.bootId}</code>],
            ['observed', <At key="o" ms={host.observedAtMs} />],
          ]}
        />
      </section>
      <section className="panel said" aria-labelledby="controller-says">
        <div className="panel-head">
          <h2 id="controller-says">What the controller knows</h2>
          <span className="word">from its enrolment</span>
        </div>
        <Facts
          entries={[
            ['labels', <Labels key="l" labels={host.labels} />],
            ['last seen', <Ago key="s" ms={host.lastSeenAtMs} />],
            ['first seen', <At key="f" ms={host.firstSeenAtMs} />],
            ['key', <code key="k">{host.kid}</code>],
          ]}
        />
      </section>
    </div>
  );
}
