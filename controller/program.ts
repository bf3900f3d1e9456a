import { Command } from 'commander';
import { systemClock } from '../shared/clock/index.ts';
import { FarcallError } from '../shared/errors/index.ts';
import { runUntilStopped } from '../shared/reload/index.ts';
import { isLoopback } from '../shared/tls/index.ts';
import { agentVersion } from '../shared/version/index.ts';
import { addBackup } from './backup-command.ts';
import { apiTls, type ControllerConfig, readConfig } from './config/index.ts';
import { addConfig } from './config-command.ts';
import { addDoctor } from './doctor-command.ts';
import { createLogger } from './log/index.ts';
import { addSetup } from './setup-command.ts';

/** The folder of a site, unless the command line names another one; the units of systemd use it too. */
const SITE_FOLDER = '/var/lib/farcall-controller';

const CONFIG_HELP = `
The configuration is JSON; relative paths count from its own folder. farcall-controller init writes it:

  {
    "name": "ctl-1",                    the controller's name in the trust bundle
    "key": "controller.key",            its Ed25519 key; or a pkcs11: URI
    "rootsFile": "roots.json",          trusted until there is a bundle; farcall trust show --roots
    "store": { "sqlite": "farcall.db" },   made if it does not exist (or "storeFile"); or, for several controllers:
             { "postgres": {
                 "url": "postgres://farcall@db.example.org/farcall",   or host, port, database, user
                 "passwordFile": "db-password", "schema": "farcall",
                 "tls": { "caFile": "db-ca.pem" },     required except on loopback and Unix sockets; also certFile and keyFile
                 "connections": 8, "timeoutMs": 15000 } },
    "storeKeyFile": "store.key",        the key of the store's MACs; the same file for all controllers on one store
    "listen": "0.0.0.0:7440",           without tls: loopback or unix:PATH only
    "tls": { "certFile": "api.pem", "keyFile": "api-key.pem" },
    "nats": {
      "servers": ["tls://broker.example.org:4222"],
      "credentialsFile": "controller.creds", "caFile": "ca.pem",
      "controlFile": "broker-control.json"    takes removed and locked logins off the broker at once
    },
    "enrolment": {                      how machines become hosts; without it, no machine can
      "address": "ctl.example.org:7440",    where new hosts reach this controller
      "natsServers": ["tls://..."],         where new hosts reach the broker; default: nats.servers
      "signingFile": "host-signing.json",   the key that signs the credentials of hosts
      "credentialLifeMs": 604800000         a connected host renews its credential at half of that
    },
    "moduleSigning": {                  signs modules for kernels that take signed ones only; farcall signing key new
      "key": "module.key",                  PEM, 0600; or a pkcs11: URI
      "certificateFile": "module.pem",      the certificate that those kernels must trust
      "kernelsFolder": "kernels",           BUILDID.btf and BUILDID.kallsyms of known kernels; optional
      "onlyKnownKernels": false             whether modules are signed for known kernels only
    },
    "hostSilenceMs": 30000,             how long after a request's end a silent host counts as 'expired'
    "checkpointFile": "checkpoints",    signed heads of the audit log, for farcall audit verify; optional
    "checkpointEveryMs": 10000,         the longest time that an entry waits for a checkpoint
    "audit": {                          streams the audit log elsewhere; both optional, see docs/guide/audit.md
      "syslog": { "host": "siem.example.org", "port": 6514, "caFile": "siem-ca.pem", "certFile": "ctl.pem",
        "keyFile": "ctl-key.pem", "facility": "audit", "format": "json", "repeatMs": 10000 },    RFC 5424 over TLS
      "file": { "path": "audit.log", "format": "json" }    or "cef"
    },
    "preludeFile": "kernel.h",          #define NAME VALUE lines; a request gets those that its program uses
    "metrics": { "listen": "127.0.0.1:9464" },    HTTP: /metrics, /healthz, /readyz; optional, off by default
    "console": { "listen": "127.0.0.1:8440", "origin": "http://localhost:8440" },   the web page for operators; optional
    "webhooks": [                       receivers of events about requests: docs/webhooks.md
      { "name": "chat", "url": "https://chat.example.org/hooks/x", "secretFile": "chat.secret",
        "kinds": ["rollout-stopped"], "caFile": "ca.pem" }    optional; default: all kinds, and the system's authorities
    ],
    "logLevel": "info"                  debug, info, warn, error, silent
  }

Exit codes: 0 stopped by a signal, 1 failed, 2 a person must change something before it can run:
configuration, usage, a store that is damaged or in use.`;

async function run({ config: file }: { config: string }): Promise<void> {
  const config = readConfig(file);
  const log = createLogger(config.logLevel);
  // Imported only here: the other commands need no store and no broker.
  const { runController } = await import('./service/index.ts');
  await runUntilStopped(config, {
    read: () => readAgain(file, config),
    async start(read) {
      const controller = await runController(read, log, systemClock);
      return { stop: () => controller.close(), failed: controller.failed };
    },
    log: {
      reloading: () => log.info('the controller starts again with its configuration as it is now'),
      refused: ({ code, message }) =>
        log.error({ code, reason: message }, 'the controller goes on with its earlier configuration'),
      stopping: signal => log.info({ signal }, 'stopping'),
    },
  });
}

/** The configuration and the certificates as they are now. Throws what is wrong with them. */
function readAgain(file: string, { logLevel }: ControllerConfig): ControllerConfig {
  const config = readConfig(file);
  apiTls(config);
  if (config.logLevel === logLevel) return config;
  throw new FarcallError('CONFIG_INVALID', `${file}: another logLevel takes a restart of the controller`);
}

interface InitOptions {
  readonly folder: string;
  readonly name: string;
  readonly host: readonly string[];
  readonly brokerHost?: readonly string[];
  readonly listen: string;
  readonly apiPort: string;
  readonly brokerPort: string;
}

async function init({ folder, name, host, brokerHost = host, listen, ...ports }: InitOptions): Promise<void> {
  // Imported only here: a running controller makes no certificates.
  const { checkSite, makeSite } = await import('./site/index.ts');
  const site = checkSite({
    ...{ name, hosts: [...host], brokerHosts: [...brokerHost], listen },
    ...{ apiPort: Number(ports.apiPort), brokerPort: Number(ports.brokerPort) },
  });
  await makeSite(folder, site, systemClock.nowMs());
  const [first = '', broker = ''] = [host[0], brokerHost[0]];
  for (const [address, whose] of [
    [first, 'the controller'],
    [broker, 'the broker'],
  ] as const)
    if (isLoopback(address))
      console.error(
        `${address} is this machine itself: no other machine can reach ${whose} there, and so none can become a host. ` +
          'Give the name or address of this machine first: --host ctl.example.org',
      );
  console.log(
    [
      `${folder} has every file except the roots. The controller listens on ${listen}:${ports.apiPort}, the broker on`,
      `${listen}:${ports.brokerPort}. Next, by each root, approver and requester, on a machine of their own:`,
      '  farcall key new --name NAME --out NAME.key > NAME.pub',
      'Then here, with these public keys:',
      `  farcall trust init --controller ${name}=${folder}/controller.pub ... --out trust.json`,
      '  farcall trust sign trust.json --key ROOT.key         by enough roots',
      `  farcall trust show trust.json --roots > ${folder}/roots.json`,
      `  systemctl start farcall-broker       or: nats-server -c ${folder}/nats/nats.conf`,
      `  systemctl start farcall-controller   or: farcall-controller run --config ${folder}/controller.json`,
      '  farcall trust publish trust.json',
      `Give ${folder}/ca.pem to operators (caFile). Move ${folder}/offline to safe storage: renewing needs it,`,
      'running does not.',
    ].join('\n'),
  );
}

interface RenewOptions {
  readonly folder: string;
  readonly host?: readonly string[];
  readonly brokerHost?: readonly string[];
}

async function renew({ folder, host = [], brokerHost = [] }: RenewOptions): Promise<void> {
  const { renewSite } = await import('./site/index.ts');
  const site = await renewSite(folder, systemClock.nowMs(), { hosts: host, brokerHosts: brokerHost });
  console.log(
    `Renewed, for ${site.hosts.join(', ')} (controller) and ${site.brokerHosts.join(', ')} (broker).\n` +
      'Have both read them: systemctl reload farcall-controller farcall-broker, or SIGHUP to each',
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The command line of `farcall-controller`. Parsing it runs the command. */
export function controllerProgram(): Command {
  const program = new Command('farcall-controller')
    .description('Collects approvals, signs orders and gathers results for a fleet of farcall agents.')
    .version(`farcall-controller ${agentVersion()}`, '--version', 'print the version')
    .exitOverride()
    .addHelpText('after', CONFIG_HELP)
    .showHelpAfterError('(--help prints the options of this command)');
  program
    .command('run')
    .description('run the controller until SIGTERM; at SIGHUP it reads its configuration again')
    .option('--config <file>', 'configuration file', `${SITE_FOLDER}/controller.json`)
    .addHelpText('after', '\nExample:\n  farcall-controller run --config /srv/site/controller.json')
    .action(run);
  addSetup(program, SITE_FOLDER);
  addSiteCommands(program);
  addConfig(program, `${SITE_FOLDER}/controller.json`);
  addDoctor(program, `${SITE_FOLDER}/controller.json`);
  addBackup(program, `${SITE_FOLDER}/controller.json`);
  return program;
}

function addSiteCommands(program: Command): void {
  const brokerHelp = 'the same for the broker';
  program
    .command('init')
    .description('make a site: certificates, keys and configurations of a controller and its broker')
    .option('--folder <folder>', 'a new or empty folder for the site', SITE_FOLDER)
    .requiredOption('--name <name>', "the controller's name in the trust bundle (required)")
    .requiredOption(
      '--host <host>',
      'name or IP address of the controller, for its certificate; may be repeated; hosts are told the first (required)',
      collect,
    )
    .option('--broker-host <host>', `${brokerHelp}; default: as --host`, collect)
    .option('--listen <address>', 'IP address on which both listen', '0.0.0.0')
    .option('--api-port <port>', 'port of the operator API', '7440')
    .option('--broker-port <port>', 'port of the broker', '4222')
    .addHelpText('after', '\nExample:\n  farcall-controller init --name ctl-1 --host ctl.example.org')
    .action(init);
  program
    .command('renew')
    .description(
      'renew the certificates and credentials of a site, which are valid for 397 days, and add names to them',
    )
    .option('--folder <folder>', 'the folder that init made, offline/ included', SITE_FOLDER)
    .option('--host <host>', 'one more name or IP address of the controller; may be repeated', collect)
    .option('--broker-host <host>', `${brokerHelp}; may be repeated`, collect)
    .addHelpText('after', '\nExample:\n  farcall-controller renew --host ctl.new.example.org')
    .action(renew);
}
