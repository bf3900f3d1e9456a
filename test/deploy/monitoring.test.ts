import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dashboardJson } from '../../deploy/monitoring/dashboard-json.ts';
import { DASHBOARDS } from '../../deploy/monitoring/panels.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = fileURLToPath(new URL('deploy/monitoring/', ROOT));
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const RULES = read('deploy/monitoring/farcall.rules.yml');

/** The names of all metrics that docs/metrics.md lists, which another test holds against the code. */
const METRICS = new Set(read('docs/metrics.md').match(/farcall_\w+/g));

/** Metrics of farcall in a query that no page lists; a histogram has series of its own. */
function unknownMetrics(text: string): string[] {
  return (text.match(/farcall_\w+/g) ?? []).filter(
    name => !METRICS.has(name) && !METRICS.has(name.replace(/_(bucket|sum|count)$/, '')),
  );
}

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: FOLDER, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe('the rules for Prometheus', () => {
  it('the rules for Prometheus are ones that Prometheus takes', () => {
    expect(promtool('check', 'rules', 'farcall.rules.yml')).toEqual({
      status: 0,
      output: expect.stringContaining('SUCCESS: 18 rules found'),
    });
  });

  it('the rules for Prometheus fire when something is wrong, and not otherwise', () => {
    const { status, output } = promtool('test', 'rules', 'farcall.rules.test.yml');
    expect([status, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it('the rules for Prometheus name metrics that there are', () => {
    expect(unknownMetrics(RULES)).toEqual([]);
  });

  it('every alert leads to a part of a page that there is', () => {
    const links = [...RULES.matchAll(/runbook_url: https:\/\/farcall\.example\/(\S+)/g)].map(
      ([, link]) => link!,
    );
    expect(links).toHaveLength(RULES.match(/- alert:/g)!.length);
    const anchors = (page: string) =>
      [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const link of links) {
      const [page = '', anchor] = link.split('#');
      if (anchor !== undefined) expect(anchors(page), link).toContain(anchor);
      else expect(read(page), link).not.toBe('');
    }
  });
});

describe('the dashboards for Grafana', () => {
  it('the dashboards for Grafana are what the code says', () => {
    const files = readdirSync(new URL('deploy/monitoring/dashboards/', ROOT)).sort();
    expect(files).toEqual(DASHBOARDS.map(({ uid }) => `${uid}.json`).sort());
    for (const dashboard of DASHBOARDS)
      expect(
        read(`deploy/monitoring/dashboards/${dashboard.uid}.json`),
        'run node deploy/monitoring/write.ts',
      ).toBe(dashboardJson(dashboard));
  });

  it.each(DASHBOARDS.map(each => [each.uid, each] as const))(
    'the dashboard %s shows metrics that there are, in panels that do not cover each other',
    (_uid, dashboard) => {
      const text = dashboardJson(dashboard);
      expect(unknownMetrics(text)).toEqual([]);
      const { panels } = JSON.parse(text) as {
        panels: { id: number; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[];
      };
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const covered = new Set<string>();
      for (const { gridPos } of panels)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(x).toBeLessThan(24);
            expect(covered.has(`${x} ${y}`), `${x} ${y}`).toBe(false);
            covered.add(`${x} ${y}`);
          }
    },
  );

  it('every query of the dashboards is one that Prometheus understands', () => {
    const queries = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));
    const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    const folder = mkdtempSync(join(tmpdir(), 'farcall-queries-'));
    const file = join(folder, 'queries.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    expect(promtool('check', 'rules', file)).toEqual({
      status: 0,
      output: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
    });
    rmSync(folder, { recursive: true });
  });
});
