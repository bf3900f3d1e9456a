import type { ReactElement } from 'react';
import type { ResultJson } from '../../api/index.ts';
import { visible } from '../../text/index.ts';
import { ValueTree } from './value-tree.tsx';

/** Rows that are shown; `farcall report --json` has all. */
const ROWS_SHOWN = 500;

/** Error, value, rows and kernel log of a result. */
export function ResultParts({ result }: { readonly result: ResultJson }): ReactElement {
  const { value, error, rows = [], writes = [], kernelLog } = result;
  return (
    <>
      {error && (
        <div className="stack tight">
          <h3>Error</h3>
          <pre className="plan-error">
            {error.message.split('\n').map(visible).join('\n')}
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
      {rows.length > 0 && <Rows result={result} />}
      {writes.length > 0 && <Writes {...{ writes }} isPartial={result.writesMissed === true} />}
      <div className="stack tight">
        <h3>Kernel log</h3>
        {kernelLog.length === 0 ? (
          <p className="muted">The kernel logged nothing.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the keyboard
          <ol className="log" tabIndex={0} aria-label="Kernel log">
            {kernelLog.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a line
              <li key={index}>{visible(line)}</li>
            ))}
          </ol>
        )}
      </div>
    </>
  );
}

function Rows({ result: { rows = [], droppedRows = 0 } }: { readonly result: ResultJson }): ReactElement {
  return (
    <div className="stack tight">
      <h3>
        {rows.length} {rows.length === 1 ? 'row' : 'rows'}
        {droppedRows > 0 && `, and ${droppedRows} more that did not fit into the result`}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the keyboard */}
      <section className="table-scroll rows" aria-label="Rows" tabIndex={0}>
        <table>
          <tbody>
            {rows.slice(0, ROWS_SHOWN).map(({ values }, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a row
              <tr key={row}>
                {values.map(({ type, text }, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a column
                  <td key={column}>
                    <code>{visible(withoutType(type, text))}</code>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > ROWS_SHOWN && (
        <p className="muted small-text">… {rows.length - ROWS_SHOWN} more; farcall report --json has all</p>
      )}
    </div>
  );
}

/** What the program wrote to kernel memory, in order. */
function Writes({
  writes,
  isPartial,
}: {
  readonly writes: NonNullable<ResultJson['writes']>;
  readonly isPartial: boolean;
}): ReactElement {
  return (
    <div className="stack tight">
      <h3>
        {writes.length} {writes.length === 1 ? 'write' : 'writes'} to kernel memory
        {isPartial && ', and perhaps more'}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the keyboard */}
      <section className="table-scroll rows" aria-label="Writes" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {['written', 'before', 'after', 'line'].map(column => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {writes.slice(0, ROWS_SHOWN).map(({ symbol, address, before, after, line }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a write
              <tr key={index}>
                <td>
                  <code>{visible(symbol ?? address)}</code>
                </td>
                <td>
                  <code>{visible(before)}</code>
                </td>
                <td>
                  <code>{visible(after)}</code>
                </td>
                <td>{line}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

/** The text of a value without the cast before it. */
function withoutType(type: string, text: string): string {
  const cast = `(${type})`;
  return text.startsWith(cast) && text !== cast ? text.slice(cast.length) : text;
}
