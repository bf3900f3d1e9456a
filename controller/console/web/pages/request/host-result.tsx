import type { ReactElement } from 'react';
import { type HostResultJson, type ResultJson, useApi } from '../../api/index.ts';
import { hrefTo } from '../../nav/index.ts';
import { duration, OUTCOME_STYLE, visible } from '../../text/index.ts';
import { At, ErrorNotice, Facts, Icon, Loading, Notice, OutcomeBadge } from '../../ui/index.ts';
import { ValueTree } from './value-tree.tsx';

/** What came of a request on one host. */
export function HostResultPage({ id, host }: { readonly id: string; readonly host: string }): ReactElement {
  const path = `/api/requests/${encodeURIComponent(id)}/hosts/${encodeURIComponent(host)}`;
  const { data, error } = useApi<HostResultJson>(path, 'requests');
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
      {data && <HostResult result={data} />}
    </>
  );
}

function HostResult({ result: host }: { readonly result: HostResultJson }): ReactElement {
  const { outcome, saidBy, kernelRelease, arch, wave, attempt, errno, unhealthy, result, lateResult } = host;
  const shown = outcome ?? 'waiting';
  return (
    <>
      <section className={saidBy === 'host' ? 'panel signed' : 'panel said'} aria-labelledby="host-outcome">
        <div className="panel-head">
          <h2 id="host-outcome">
            <OutcomeBadge outcome={shown} />
          </h2>
          <span className="word">
            {saidBy === 'host' ? (
              <>
                <Icon name="seal" size={14} /> signed by the host
              </>
            ) : (
              'the controller’s word: the host has not said so'
            )}
          </span>
        </div>
        <p className="muted">{OUTCOME_STYLE[shown].meaning}</p>
        {unhealthy && <Notice tone="bad">Unwell after the wave: {visible(unhealthy)}</Notice>}
        <Facts
          entries={[
            ['kernel', <code key="k">{`${kernelRelease} ${arch}`}</code>],
            errno === undefined ? undefined : ['errno', <code key="e">{errno}</code>],
            ['wave', wave],
            ['attempt', attempt],
            result ? ['finished', <At key="f" ms={result.finishedAtMs} />] : undefined,
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
        {result && <ResultParts result={result} />}
      </section>
      {lateResult && (
        <section className="panel" aria-labelledby="late">
          <h2 id="late">What it said late</h2>
          <p>
            <OutcomeBadge outcome={lateResult.outcome} />
          </p>
          <ResultParts result={lateResult} />
        </section>
      )}
    </>
  );
}

function ResultParts({ result }: { readonly result: ResultJson }): ReactElement {
  const { value, error, rows = [], droppedRows = 0, kernelLog } = result;
  return (
    <>
      {error && (
        <div className="stack tight">
          <h3>Error</h3>
          <pre className="plan-error">
            {visibleLines(error.message)}
            {'\n'}
            <b>{error.code}</b>
          </pre>
        </div>
      )}
      {value && (
        <div className="stack tight">
          <h3>Value</h3>
          <ValueTree value={value} />
        </div>
      )}
      {rows.length > 0 && (
        <div className="stack tight">
          <h3>
            {rows.length} {rows.length === 1 ? 'row' : 'rows'}
            {droppedRows > 0 && `, ${droppedRows} more dropped: the result had no room`}
          </h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className="table-scroll rows" aria-label="Rows" tabIndex={0}>
            <table>
              <tbody>
                {rows.slice(0, 500).map(({ values }, row) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
                  <tr key={row}>
                    {values.map((one, column) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                      <td key={column}>
                        <code>{visible(plain(one.type, one.text))}</code>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {rows.length > 500 && (
            <p className="muted small-text">… {rows.length - 500} more; farcall report --json has all</p>
          )}
        </div>
      )}
      <div className="stack tight">
        <h3>Kernel log</h3>
        {kernelLog.length === 0 ? (
          <p className="muted">The kernel logged nothing.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          <ol className="log" tabIndex={0} aria-label="Kernel log">
            {kernelLog.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
              <li key={index}>{visible(line)}</li>
            ))}
          </ol>
        )}
      </div>
    </>
  );
}

function timesOf({ timings }: ResultJson): string {
  const { totalUs, verifyUs, compileUs, loadUs } = timings;
  const ms = (us: number): string => duration(us / 1000);
  return `${ms(totalUs)}: ${ms(verifyUs)} to verify, ${ms(compileUs)} to compile, ${ms(loadUs)} to load and run`;
}

function plain(type: string, text: string): string {
  const prefix = `(${type})`;
  return text.startsWith(prefix) && text !== prefix ? text.slice(prefix.length) : text;
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
