import type { ReactElement } from 'react';
import { count } from '../../text/index.ts';
import { Timestamp } from '../../ui/index.ts';
import { type HitSample, hitsBetween } from './hit-history.ts';

/** The drawing's own units: bars fill it from the right. */
const WIDTH = 600;
const HEIGHT = 64;
const BARS = 60;
const GAP = 2;

/** The newest hits as bars, and the same as a table. */
export function HitGraph({ samples }: { readonly samples: readonly HitSample[] }): ReactElement {
  const newest = hitsBetween(samples).slice(-BARS);
  if (newest.length === 0)
    return <p className="muted small-text">The graph begins with what the hosts tell next.</p>;
  const most = Math.max(...newest.map(({ hits }) => hits));
  const all = newest.reduce((sum, { hits }) => sum + hits, 0);
  return (
    <figure className="hit-graph">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="axis" />
        {newest.map(({ atMs, hits }, index) => (
          <rect key={atMs} className="hits" {...barOf(hits / Math.max(1, most), newest.length - index)} />
        ))}
      </svg>
      <figcaption className="small-text">
        {count(all)} denied since <Timestamp ms={samples.at(-newest.length - 1)!.atMs} />; at most{' '}
        {count(most)} between two replies of the hosts.
      </figcaption>
      <details>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Until</th>
              <th scope="col" className="number">
                Denied
              </th>
            </tr>
          </thead>
          <tbody>
            {newest.toReversed().map(({ atMs, hits }) => (
              <tr key={atMs}>
                <td>
                  <Timestamp ms={atMs} />
                </td>
                <td className="number">{count(hits)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** A bar for a part of the height, so many from the right. */
function barOf(part: number, fromRight: number) {
  const step = WIDTH / BARS;
  const height = part === 0 ? 0 : Math.max(2, part * (HEIGHT - 4));
  return { x: WIDTH - fromRight * step + GAP / 2, y: HEIGHT - 1 - height, width: step - GAP, height };
}
