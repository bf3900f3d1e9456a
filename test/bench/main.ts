import { absorb } from './absorb.ts';
import { callsInGuest } from './calls-in-guest.ts';
import { catalogue } from './catalogue.ts';
import { type Figure, figuresToText } from './figure.ts';
import { fleet } from './fleet.ts';
import { hostile } from './hostile.ts';
import { idleAgent } from './idle-agent.ts';
import { kernelData } from './kernel-data.ts';
import { rows } from './rows.ts';
import { stolenLogin } from './stolen-login.ts';
import { store } from './store.ts';
import { trust } from './trust.ts';
import { watch } from './watch.ts';

// `npm run bench [-- NAME …] [--json]`: measures, and prints what it measured. It never fails for being slow.

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  data: kernelData,
  idle: idleAgent,
  trust,
  absorb,
  fleet,
  hostile,
  'stolen-login': stolenLogin,
  store,
  rows,
  catalogue,
  calls: callsInGuest,
  watch,
};

const args = process.argv.slice(2);
const names = args.filter(arg => arg !== '--json');
const unknown = names.filter(name => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  console.error(`bench: ${name}`);
  figures.push(...(await BENCHES[name]!()));
}
console.log(args.includes('--json') ? JSON.stringify(figures) : figuresToText(figures));
