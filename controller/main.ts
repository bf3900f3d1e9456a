import { Command, CommanderError } from 'commander';
import { systemClock } from '../shared/clock/index.ts';
import { toFarcallError } from '../shared/errors/index.ts';
import { readConfig } from './config/index.ts';
import { createLogger } from './log/index.ts';
import { runController } from './run-controller.ts';

const EXIT_FAILED = 1;
/** What is wrong stands in the configuration or on the command line; starting again would not help. */
const EXIT_CONFIG = 2;

const CONFIG_HELP = `
The configuration is JSON; relative paths count from its own folder:

  {
    "name": "ctl-1",                    controller's name in the trust bundle
    "keyFile": "ctl-1.key",             its Ed25519 key, made by farcall key new
    "rootsFile": "roots.json",          pinned until there is a bundle; farcall trust show --roots
    "storeFile": "farcall.db",          SQLite; made where it does not exist
    "listen": "127.0.0.1:7440",         loopback or unix:PATH only
    "nats": {
      "servers": ["nats://127.0.0.1:4222"],
      "user": "ctl-1", "passwordFile": "nats.password"      or "credentialsFile": "ctl-1.creds"
    },
    "hostSilenceMs": 30000,             after a request's last moment, until silence is 'expired'
    "checkpointFile": "checkpoints",    signed heads of the audit log, for farcall audit verify; need not be there
    "checkpointEveryMs": 10000,         longest that an entry waits for one
    "logLevel": "info"                  debug, info, warn, error, silent
  }

Exit codes: 0 stopped by a signal, 1 failed, 2 configuration or usage is wrong.`;

async function run({ config: file }: { config: string }): Promise<void> {
  const config = readConfig(file);
  const log = createLogger(config.logLevel);
  const controller = await runController(config, log, systemClock);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      controller.close().catch(fail);
    });
  }
}

function fail(thrown: unknown): void {
  if (thrown instanceof CommanderError) {
    process.exit(thrown.exitCode === 0 ? 0 : EXIT_CONFIG);
  }
  const error = toFarcallError(thrown);
  const config = ['CONFIG_INVALID', 'FILE_UNREADABLE', 'TRUST_INVALID'].includes(error.code);
  console.error(`farcall-controller: ${error.message} [${error.code}]`);
  if (error.cause instanceof Error) console.error(`  because: ${error.cause.message}`);
  // Not exitCode: what had been started before the failure, such as the search for the broker, would keep us alive.
  process.exit(config ? EXIT_CONFIG : EXIT_FAILED);
}

const program = new Command('farcall-controller')
  .description('Collects approvals, signs orders and gathers results for a fleet of farcall agents.')
  .exitOverride()
  .addHelpText('after', CONFIG_HELP);
program
  .command('run')
  .description('run the controller until SIGTERM')
  .requiredOption('--config <file>', 'configuration file')
  .action(run);

program.parseAsync().catch(fail);
