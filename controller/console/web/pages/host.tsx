import type { ReactElement } from 'react';
import { type HostJson, urlOf, useApi } from '../api/index.ts';
import { hrefTo, mayRequest, useMe } from '../nav/index.ts';
import { visible } from '../text/index.ts';
import {
  Empty,
  ErrorNotice,
  FactList,
  HostLabels,
  Icon,
  Loading,
  RelativeTime,
  Timestamp,
} from '../ui/index.ts';

/** One host: the facts that it signed, and what the controller knows of it. */
export function HostPage({ name }: { readonly name: string }): ReactElement {
  const selector = `host=${name}`;
  const { data, error } = useApi(urlOf('hosts', {}, { selector }), 'hosts');
  const host = data?.hosts[0];
  const canRequest = mayRequest(useMe());
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
          {canRequest && host && (
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

const HOLD_TEXTS = {
  'went-back': 'none: its journal went back. farcall host accept lets it go on.',
  'exists-twice': 'none: it exists twice. farcall host accept lets it go on.',
  'record-forged': 'none: the record of its journal was forged. farcall host accept lets it go on.',
} as const;

function HostFacts({ host }: { readonly host: HostJson }): ReactElement {
  return (
    <div className="columns">
      <section className="panel signed" aria-labelledby="host-facts">
        <div className="panel-head">
          <h2 id="host-facts">Facts from the host</h2>
          <span className="word">
            <Icon name="seal" size={14} /> signed by the host
          </span>
        </div>
        <SignedFacts host={host} />
      </section>
      <section className="panel said" aria-labelledby="controller-facts">
        <div className="panel-head">
          <h2 id="controller-facts">Facts from the controller</h2>
          <span className="word">not signed by the host</span>
        </div>
        <FactList
          entries={[
            ['labels', <HostLabels key="l" labels={host.labels} />],
            host.lockReason === undefined
              ? undefined
              : [
                  'locked',
                  <b key="r">
                    {visible(host.lockReason)}. It gets no orders and is off the broker until farcall unlock.
                  </b>,
                ],
            host.hold && ['orders', <b key="h">{HOLD_TEXTS[host.hold.why]}</b>],
            ['last seen', <RelativeTime key="s" ms={host.lastSeenAtMs} />],
            ['first seen', <Timestamp key="f" ms={host.firstSeenAtMs} />],
            ['key', <code key="k">{host.kid}</code>],
          ]}
        />
      </section>
    </div>
  );
}

function SignedFacts({ host }: { readonly host: HostJson }): ReactElement {
  const { signing, secureBoot } = host;
  return (
    <FactList
      entries={[
        ['kernel', <code key="k">{host.kernelRelease}</code>],
        host.kernelVersion ? ['build', <code key="v">{host.kernelVersion}</code>] : undefined,
        ['architecture', host.arch],
        ['modules', host.modulesDisabled ? 'loading is switched off' : 'can be loaded'],
        ['signing', host.sigEnforce ? 'enforced: only signed modules' : 'not enforced'],
        signing && ['trusts', signing.keys.map(({ name, keyId }) => name || keyId).join(', ') || 'no key'],
        host.leftModules && ['left in it', <LeftModules key="m" modules={host.leftModules} />],
        ['lockdown', host.lockdown || 'none'],
        ['secure boot', secureBoot === undefined ? 'unknown (no EFI)' : secureBoot ? 'on' : 'off'],
        ['taint', host.taint === 0 ? 'none' : <code key="t">{`0x${host.taint.toString(16)}`}</code>],
        ['agent', host.agentVersion],
        ['boot', <code key="b">{host.bootId}</code>],
        ['observed', <Timestamp key="o" ms={host.observedAtMs} />],
      ]}
    />
  );
}

/** Modules of calls that died in an oops. */
function LeftModules({ modules }: { readonly modules: NonNullable<HostJson['leftModules']> }): ReactElement {
  return (
    <>
      {modules.map(({ name, sinceMs }) => (
        <span key={name} className="outcome tone-held wrap">
          <code>{visible(name)}</code> since <Timestamp ms={sinceMs} />, until it boots again
        </span>
      ))}
    </>
  );
}
