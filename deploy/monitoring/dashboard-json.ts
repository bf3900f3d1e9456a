import type { Dashboard, Panel } from './panels.ts';

/** Grafana divides the width of a dashboard by this. */
const COLUMNS = 24;
const NUMBER = { w: 6, h: 4 } as const;
const LINES = { w: 12, h: 8 } as const;

/** Where Grafana finds the metrics: people choose the data source on the page. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/**
 * A dashboard as Grafana imports it (schema version 39, Grafana 10.4 and later). Equal dashboards give equal
 * texts.
 */
export function dashboardJson({ uid, title, panels }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    tags: ['farcall'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' }],
    },
    panels: laidOut(panels),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function laidOut(panels: readonly Panel[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel, index) => {
    const { w, h } = panel.kind === 'number' ? NUMBER : LINES;
    if (x + w > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w, h };
    x += w;
    rowHeight = Math.max(rowHeight, h);
    return panelJson(panel, index + 1, gridPos);
  });
}

function panelJson({ title, description, kind, unit, queries }: Panel, id: number, gridPos: object): object {
  return {
    ...{ id, title, description, gridPos, datasource: DATASOURCE },
    type: kind === 'number' ? 'stat' : 'timeseries',
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options:
      kind === 'number'
        ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, graphMode: 'area' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource: DATASOURCE },
      ...{ expr, legendFormat: legend, range: kind === 'lines', instant: kind === 'number' },
    })),
  };
}
