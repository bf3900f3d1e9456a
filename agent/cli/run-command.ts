import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { systemClock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { checkUnshared } from '../../shared/files/index.ts';
import { toAscii } from '../../shared/json/index.ts';
import { runUntilStopped } from '../../shared/reload/index.ts';
import { type AgentConfig, readAgentConfig } from '../config/index.ts';
import { type KernelStagesOptions, kernelStages } from '../host-kernel/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import { readHostPolicy } from '../policy/index.ts';
import { startAgent } from '../service/index.ts';
import { helpText } from './help-text.ts';

/** What `--help` prints. */
export const RUN_HELP = `farcall-agent run --config FILE

Runs the agent of this host until SIGTERM or SIGINT. At SIGHUP it reads its configuration and its policy again. The agent receives orders from the broker, verifies them and carries
them out. It keeps each result on the disk until the controller has it. It logs to standard error, one JSON object per line.

  --config FILE   configuration, a JSON object, as farcall-agent enrol writes it; its relative paths count from its own
                  folder:
                    host             name of this host: a-z, 0-9 and -
                    labels           labels by which requests select this host, such as {"env": "prod"}
                    nats             {"servers": ["tls://broker:4222"], caFile, nkeySeedFile, credentialFile}
                    stateDirectory   the journal and the host's key
                    rootsFile        the roots, whose keys sign trust bundles; a bundle says who may request,
                                     approve and order, and comes over the broker
                    policyFile       what this host allows; farcall-agent policy check FILE shows it
                    metrics          {"listen": "127.0.0.1:9464"}: HTTP for Prometheus (/metrics) and probes (/healthz,
                                     /readyz); optional, off by default
                    logLevel, askJitterMs, stopGraceMs   optional
  --help          this text
`;

/** `farcall-agent run`: resolves when the agent has stopped. Throws CONFIG_INVALID for wrong arguments. */
export async function runCommand(
  args: readonly string[],
  stages: (options: KernelStagesOptions) => KernelStages = kernelStages,
): Promise<void> {
  const { config: configPath, help } = parseOptions(args);
  if (help) {
    process.stdout.write(helpText(RUN_HELP));
    return;
  }
  if (!configPath) throw new FarcallError('CONFIG_INVALID', 'run: --config FILE is missing');
  const config = readChecked(configPath);
  // Synchronous, so that a crash loses no line.
  const out = pino.destination({ dest: 2, sync: true });
  // A log on a full disk must not end the agent.
  out.on('error', () => undefined);
  // Threat: what a controller or a kernel wrote must not be obeyed by the terminal of who reads the log.
  const ascii = { write: (line: string) => void out.write(toAscii(line)) };
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, ascii);
  const { stateDirectory } = config;
  const own = log.child({ host: config.host });
  const opened = stages({ stateDirectory, note: note => own.warn(note) });
  const environment = { stages: opened, clock: systemClock, log, random: Math.random };
  await runUntilStopped(config, {
    read: () => readAgain(configPath, config),
    start: read => startAgent(read, environment),
    log: {
      reloading: () => own.info('the agent starts again with its configuration as it is now'),
      refused: ({ code, message }) =>
        own.error({ code, reason: message }, 'the agent goes on with its earlier configuration'),
      stopping: signal => own.info({ signal }, 'the agent was asked to stop'),
    },
  });
}

function readChecked(configPath: string): AgentConfig {
  const config = readAgentConfig(configPath);
  checkFiles(configPath, config);
  return config;
}

/**
 * The configuration and the policy as they are now. Throws what is wrong with them, and CONFIG_INVALID if
 * they are those of another host, for which this process has the wrong kernel facts and log.
 */
function readAgain(configPath: string, { host, stateDirectory, logLevel }: AgentConfig): AgentConfig {
  const read = readChecked(configPath);
  readHostPolicy(read.policyFile);
  if (read.host !== host || read.stateDirectory !== stateDirectory || read.logLevel !== logLevel)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${configPath}: another host, stateDirectory or logLevel takes a restart of the agent`,
    );
  return read;
}

/**
 * Threat: see {@link checkUnshared}. The state directory has the journal, which says what may not run again.
 */
function checkFiles(configPath: string, { rootsFile, policyFile, stateDirectory }: AgentConfig): void {
  checkUnshared(configPath, 'configuration');
  checkUnshared(rootsFile, 'roots file');
  checkUnshared(policyFile, 'policy');
  if (existsSync(stateDirectory)) checkUnshared(stateDirectory, 'state directory');
}

function parseOptions(args: readonly string[]): { config?: string | undefined; help?: boolean | undefined } {
  try {
    const options = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `run: ${reason}`, { cause });
  }
}
