import type { ReactElement } from 'react';
import { type HostResultJson, type ResultJson, urlOf, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { duration, OUTCOME_STYLE, visible } from '../../text/index.ts';
import { ErrorNotice, FactList, Icon, Loading, Notice, OutcomeBadge, Timestamp } from '../../ui/index.ts';
import { ResultParts } from './result-parts.tsx';

/** The result of a request on one host. */
export function HostResultPage({ id, host }: { readonly id: string; readonly host: string }): ReactElement {
  const { data, error } = useApi(urlOf('requests/:id/hosts/:host', { id, host }), 'requests');
  return (
    <>
      <header className="page-head">
        <div>
          <a className="crumb" href={hrefTo(['requests', id], { tab: 'results' })}>
            <Icon name="back" size={14} /> Results of {id}
          </a>
          <h1>{host}</h1>
        </div>
        <a className="button" href={hrefTo(['hosts', host])}>
          <Icon name="host" /> The host
        </a>
      </header>
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Loading what="the result" />}
      {data && <HostResult host={data} />}
    </>
  );
}

function HostResult({ host }: { readonly host: HostResultJson }): ReactElement {
  const { outcome, saidBy, unhealthy, result, lateResult } = host;
  const shown = outcome ?? 'waiting';
  const isSigned = saidBy === 'host';
  return (
    <>
      <section className={isSigned ? 'panel signed' : 'panel said'} aria-labelledby="host-outcome">
        <div className="panel-head">
          <h2 id="host-outcome">
            <OutcomeBadge outcome={shown} />
          </h2>
          <span className="word">
            {isSigned && <Icon name="seal" size={14} />}
            {isSigned ? ' signed by the host' : 'stated by the controller, not by the host'}
          </span>
        </div>
        <p className="muted">{OUTCOME_STYLE[shown].meaning}</p>
        {unhealthy && <Notice tone="bad">Unhealthy after the wave: {visible(unhealthy)}</Notice>}
        <ResultFacts host={host} />
        {result && <ResultParts result={result} />}
      </section>
      {lateResult && (
        <section className="panel" aria-labelledby="late">
          <h2 id="late">Late result</h2>
          <p>
            <OutcomeBadge outcome={lateResult.outcome} />
          </p>
          <ResultParts result={lateResult} />
        </section>
      )}
    </>
  );
}

function ResultFacts({ host }: { readonly host: HostResultJson }): ReactElement {
  const { kernelRelease, arch, wave, attempt, errno, result } = host;
  return (
    <FactList
      entries={[
        ['kernel', <code key="k">{`${kernelRelease} ${arch}`}</code>],
        errno === undefined ? undefined : ['errno', <code key="e">{errno}</code>],
        ['wave', wave],
        ['attempt', attempt],
        result ? ['finished', <Timestamp key="f" ms={result.finishedAtMs} />] : undefined,
        result ? ['took', timesOf(result)] : undefined,
        result?.moduleDigest
          ? [
              'module',
              <code key="m" className="hash">
                sha256:{result.moduleDigest}
              </code>,
            ]
          : undefined,
      ]}
    />
  );
}

function timesOf({ timings }: ResultJson): string {
  const { totalUs, verifyUs, compileUs, loadUs } = timings;
  const ms = (us: number): string => duration(us / 1000);
  return `${ms(totalUs)}: ${ms(verifyUs)} to verify, ${ms(compileUs)} to compile, ${ms(loadUs)} to load and run`;
}
