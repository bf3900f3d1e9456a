import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../../shared/files/index.ts';
import { SITE_FILES } from '../site/index.ts';
import type { SetupAnswers } from './answers.ts';
import { nameOf, PEOPLE_FOLDER } from './first-bundle.ts';

/**
 * Writes what each requester and approver puts into ~/.config/farcall: the configuration, the certificate of
 * the site and its roots, beside their key if it was made here. Returns their names.
 */
export function writePeopleFiles(folder: string, answers: SetupAnswers, site: string): readonly string[] {
  const names = [...new Set([...answers.requesters, ...answers.approvers].map(nameOf))];
  const at = (port: number): string => {
    const [host = ''] = answers.hosts;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  };
  for (const name of names) {
    const own = join(folder, PEOPLE_FOLDER, name);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    for (const file of [SITE_FILES.authority, SITE_FILES.roots])
      copyFileSync(join(folder, file), join(own, file));
    const config = {
      ...{ controller: at(answers.apiPort), caFile: SITE_FILES.authority, rootsFile: SITE_FILES.roots },
      ...{ name, key: `${name}.key`, site, broker: `tls://${at(answers.brokerPort)}` },
    };
    writePrivateFile(join(own, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  }
  return names;
}
