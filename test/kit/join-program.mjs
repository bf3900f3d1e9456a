// Joins a program of the tests to one file, as `npm run build` joins those of a release:
//
//   node test/kit/join-program.mjs SOURCE FILE

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { rolldown } from 'rolldown';

const [source, file] = process.argv.slice(2);
const joined = await rolldown({ input: source, platform: 'node' });
const { output } = await joined.generate({ format: 'cjs', codeSplitting: false });
await joined.close();
mkdirSync(dirname(file), { recursive: true });
// Other processes of the tests may start the program at this moment.
writeFileSync(`${file}.${process.pid}`, output[0].code);
renameSync(`${file}.${process.pid}`, file);
