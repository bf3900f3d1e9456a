import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FarcallError } from '../shared/errors/index.ts';
import { readConfig } from './config/index.ts';

interface BackupOptions {
  readonly config: string;
  readonly out: string;
}

/** `farcall-controller backup`. `config` is the default of its option. */
export function addBackup(program: Command, config: string): void {
  program
    .command('backup')
    .summary('copy the SQLite store while the controller runs')
    .description(
      'Copies the SQLite store to a new file, as it is at one moment; the controller may be running. The copy is checked before it gets its ' +
        'name. Keys are not in it: keep store.key and controller.key elsewhere. A store in PostgreSQL is copied by pg_dump.',
    )
    .option('--config <file>', 'configuration file', config)
    .requiredOption('--out <file>', 'the new file (required)')
    .addHelpText('after', '\nExample:\n  farcall-controller backup --out /srv/backup/farcall.db')
    .action(backUp);
}

async function backUp({ config: file, out }: BackupOptions): Promise<void> {
  const { store } = readConfig(file);
  if (!('sqlite' in store))
    throw new FarcallError('CONFIG_INVALID', `${file}: the store is in PostgreSQL; copy it with pg_dump`);
  // Imported only here: a running controller copies nothing.
  const { backupSqlite } = await import('./store/index.ts');
  const target = resolve(out);
  await backupSqlite(store.sqlite, target);
  console.log(
    [
      `${target} is a copy of ${store.sqlite}.`,
      'To restore it: stop the controller, remove the store and the files -wal and -shm beside it, and copy this file there.',
    ].join('\n'),
  );
}
