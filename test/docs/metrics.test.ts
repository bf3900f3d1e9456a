import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const METRIC = /farcall_(?:agent|controller)_[a-z_]+/g;

/** Metrics that the code makes: each name stands in the call that makes it, with its labels. */
function metricsIn(folder: string): Map<string, string> {
  const source = readdirSync(join(ROOT, folder))
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n')
    .replaceAll(/labels = \['webhook'\]/g, '');
  const made = source.matchAll(/set\.(gauges?|counters|histogram)\(\s*\{([\s\S]*?)\}(?:,|\))/g);
  return new Map(
    [...made].map(([, kind = '', described = '']) => {
      const name = /name: '([a-z_]+)'/.exec(described)?.[1] ?? '';
      const listed = /labels: \[(.*?)\]/.exec(described)?.[1];
      const labels = listed ?? (/\blabels\b/.test(described) ? "'webhook'" : '');
      const spelled = labels === '' ? '' : `{${labels.replaceAll(/['\s]/g, '')}}`;
      return [`${name}${spelled}`, kind.replace(/s$/, '')];
    }),
  );
}

test('docs/metrics.md lists every metric with its labels and type, and no other', () => {
  const document = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  const rows = [...document.matchAll(/^\| `(farcall_[^`]+)` \| (\w+) \|/gm)].map(
    ([, name, type]) => [name, type] as const,
  );
  const made = new Map([...metricsIn('agent/metrics'), ...metricsIn('controller/metrics')]);
  expect(made.size).toBeGreaterThan(15);
  expect(new Map([...rows].sort())).toEqual(new Map([...made].sort()));
});

test('alarms and the runbook speak of metrics that there are', () => {
  const made = [...metricsIn('agent/metrics').keys(), ...metricsIn('controller/metrics').keys()].map(
    name => name.split('{')[0],
  );
  for (const file of [
    'docs/metrics.md',
    'docs/runbook.md',
    'docs/webhooks.md',
    'docs/guide/install.md',
    'README.md',
  ]) {
    const named = readFileSync(join(ROOT, file), 'utf8').match(METRIC) ?? [];
    expect(
      named.filter(name => !made.includes(name)),
      file,
    ).toEqual([]);
  }
});
