import type { ReactElement } from 'react';
import { type ProbeJson, urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { count, hosts, until, visible } from '../../text/index.ts';
import { Empty, ErrorNotice, Icon, Loading, Notice, RelativeTime, useNow } from '../../ui/index.ts';
import { HitGraph } from './hit-graph.tsx';
import { groupsOf, type HitSample, type ProbeGroup, useHitHistory } from './hit-history.ts';

/** Hosts that are listed of each deny, and callers of each host. */
const HOSTS_SHOWN = 100;
const CALLERS_SHOWN = 16;

/** What is denied in the kernels of the fleet now, how often, to whom, and until when. */
export function ProbesPage(): ReactElement {
  const { data, error } = useApi(urlOf('probes', {}), 'hosts');
  const groups = groupsOf(data?.probes ?? []);
  const historyOf = useHitHistory(data, groups);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Probes</h1>
          <p>
            What is denied in the kernels of the fleet. Each host tells of its own when something changed, and
            at least every half a minute.
          </p>
        </div>
      </header>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="the probes" />}
      {data && groups.length === 0 && (
        <Empty title={`Nothing is denied on ${hosts(data.hosts)}`}>
          A request with <code>deny</code> in its program makes a probe that stays.
        </Empty>
      )}
      {data && data.leftOut > 0 && (
        <Notice tone="held">
          {count(data.leftOut)} more are not shown here. <code>farcall probes</code> lists all of them.
        </Notice>
      )}
      {groups.map(group => (
        <Deny key={group.key} group={group} samples={historyOf(group.key)} />
      ))}
    </>
  );
}

interface DenyProps {
  readonly group: ProbeGroup;
  readonly samples: readonly HitSample[];
}

function Deny({ group, samples }: DenyProps): ReactElement {
  const { requestId, text, probes, hits, passed, unread } = group;
  const id = `deny-${requestId ?? probes[0]!.module}-${probes[0]!.function ?? ''}`;
  return (
    <section className="panel signed probe" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>
          <code>{visible(text)}</code>
        </h2>
        <span className="word">
          <Icon name="seal" size={14} /> signed by the hosts
        </span>
      </div>
      <p>
        <b>{count(hits)}</b> {hits === 1 ? 'call' : 'calls'} denied on {hosts(probes.length)}
        {passed > 0 && `; ${count(passed)} came through uncounted or abandoned`}
        {unread > 0 && `; ${hosts(unread)} cannot read the counters`}.
      </p>
      <HitGraph samples={samples} />
      {requestId !== undefined && (
        <p className="actions">
          <a className="button danger" href={hrefTo(['requests', requestId])}>
            <Icon name="stop" /> End it: abort request {requestId}
          </a>
        </p>
      )}
      <Hosts probes={probes} />
    </section>
  );
}

function Hosts({ probes }: Pick<ProbeGroup, 'probes'>): ReactElement {
  const shown = probes.slice(0, HOSTS_SHOWN);
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col" className="number">
              Denied
            </th>
            <th scope="col">Since</th>
            <th scope="col">Ends</th>
            <th scope="col">Denied last to</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(probe => (
            <HostRow key={`${probe.host} ${probe.module}`} probe={probe} />
          ))}
        </tbody>
      </table>
      {probes.length > shown.length && (
        <p className="muted small-text">and {hosts(probes.length - shown.length)} more</p>
      )}
    </div>
  );
}

function HostRow({ probe }: { readonly probe: ProbeJson }): ReactElement {
  const { host, hits, sinceMs, expiresAtMs } = probe;
  const nowMs = useNow();
  return (
    <tr>
      <th scope="row">
        <a href={hrefTo(['hosts', host])}>{host}</a>
      </th>
      <td className="number">{hits === undefined ? 'unread' : count(hits)}</td>
      <td>{sinceMs === undefined ? 'unknown' : <RelativeTime ms={sinceMs} />}</td>
      <td>{endOf(expiresAtMs, nowMs)}</td>
      <td>
        <Callers callers={probe.callers} />
      </td>
    </tr>
  );
}

function endOf(expiresAtMs: number | undefined, nowMs: number): string {
  if (expiresAtMs === undefined) return 'unknown';
  return expiresAtMs <= nowMs ? 'it is over' : `in ${until(expiresAtMs, nowMs)}`;
}

/** The newest one, and the others on request. */
function Callers({ callers }: Pick<ProbeJson, 'callers'>): ReactElement {
  const [newest, ...others] = callers.toSorted((one, other) => other.atMs - one.atMs).slice(0, CALLERS_SHOWN);
  if (!newest) return <span className="muted">nobody yet</span>;
  if (others.length === 0) return <Caller caller={newest} />;
  return (
    <details>
      <summary>
        <Caller caller={newest} />
      </summary>
      <ul className="plain">
        {others.map(caller => (
          <li key={`${caller.pid} ${caller.atMs}`}>
            <Caller caller={caller} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Caller({ caller }: { readonly caller: ProbeJson['callers'][number] }): ReactElement {
  const { comm, pid, uid, atMs } = caller;
  return (
    <>
      <code>{visible(comm)}</code> (process {pid}, user {uid}), <RelativeTime ms={atMs} />
    </>
  );
}
