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
  useNow,
} from '../ui/index.ts';
import { HostCalls } from './host-calls.tsx';
import { HostRemoval } from './host-removal.tsx';

/** Less time left than this is worth a warning. */
const SOON_MS = 24 * 3_600_000;

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
      {host && <HostCalls name={name} />}
      {host && <HostRemoval name={name} />}
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
        host.leftModules?.length
          ? ['left in it', <LeftModules key="m" modules={host.leftModules} />]
          : undefined,
        host.probes?.length
          ? [
              'denied in it',
              <a key="p" href={hrefTo(['probes'])}>
                {deniedText(host.probes)}
              </a>,
            ]
          : undefined,
        ['lockdown', host.lockdown || 'none'],
        ['secure boot', secureBoot === undefined ? 'unknown (no EFI)' : secureBoot ? 'on' : 'off'],
        ['taint', host.taint === 0 ? 'none' : <code key="t">{`0x${host.taint.toString(16)}`}</code>],
        host.policy === undefined ? undefined : ['policy', <HostPolicy key="p" text={host.policy} />],
        host.credentialEndsAtMs === undefined
          ? undefined
          : ['credential ends', <CredentialEnd key="c" endsAtMs={host.credentialEndsAtMs} />],
        ['agent', host.agentVersion],
        ['boot', <code key="b">{host.bootId}</code>],
        ['observed', <Timestamp key="o" ms={host.observedAtMs} />],
      ]}
    />
  );
}

/** `alg_bind, io_uring_setup`; a module that the host does not know by its own name. */
function deniedText(probes: NonNullable<HostJson['probes']>): string {
  return probes.map(probe => visible(probe.function ?? probe.module)).join(', ');
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

/** The rules of the host itself, member by member; what cannot be read is shown as the host said it. */
function HostPolicy({ text }: { readonly text: string }): ReactElement {
  const members = membersOf(text);
  if (!members) return <code className="break">{visible(text)}</code>;
  return (
    <ul className="policy">
      {members.map(([name, value]) => (
        <li key={name}>
          <span className="muted">{name}</span> <code>{visible(ruleText(value))}</code>
        </li>
      ))}
    </ul>
  );
}

function membersOf(text: string): [string, unknown][] | undefined {
  try {
    return Object.entries(JSON.parse(text) as object);
  } catch {
    return undefined;
  }
}

/** `["read","call"]` as `read, call`; objects member by member. */
function ruleText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(ruleText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, rule]) => `${name}: ${ruleText(rule)}`)
    .join('; ');
}

/** When the host can no longer log in at the broker, unless its credential is renewed. */
function CredentialEnd({ endsAtMs }: { readonly endsAtMs: number }): ReactElement {
  const isSoon = endsAtMs - useNow() < SOON_MS;
  return (
    <span className={isSoon ? 'outcome tone-bad wrap' : undefined}>
      <Timestamp ms={endsAtMs} />
      {isSoon && ': the host has not renewed it'}
    </span>
  );
}
