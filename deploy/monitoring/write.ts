import { writeFileSync } from 'node:fs';
import { dashboardJson } from './dashboard-json.ts';
import { DASHBOARDS } from './panels.ts';

// `node deploy/monitoring/write.ts` writes the dashboards.

for (const dashboard of DASHBOARDS)
  writeFileSync(new URL(`dashboards/${dashboard.uid}.json`, import.meta.url), dashboardJson(dashboard));
