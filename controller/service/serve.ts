import { consoleAssets } from '../../shared/assets/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { authenticator, type OperatorHandlers, operatorHandlers, startApi } from '../api/index.ts';
import { type AuditSinks, sinksOf, startSinks } from '../audit-sinks/index.ts';
import { apiTls, type ControllerConfig } from '../config/index.ts';
import { type ConsoleSettings, newCode, oidcProvider, startConsole } from '../console/index.ts';
import { hostManagement, redeemEnrolment } from '../enrolment/index.ts';
import { KernelTypesFetcher } from '../kernels/index.ts';
import { lockManagement } from '../locks/index.ts';
import {
  type ControllerMetrics,
  type ControllerMetricsParts,
  controllerMetrics,
  serveControllerMetrics,
  timedCommit,
} from '../metrics/index.ts';
import { type Notifier, startNotifier, webhookOf } from '../notify/index.ts';
import { startDriver } from '../rollout/index.ts';
import { advanceRequest } from './advance-request.ts';
import { listenToFleet } from './listen-to-fleet.ts';
import { periodicTasks } from './periodic-tasks.ts';
import { taskRunner } from './run-tasks.ts';
import type { Services } from './services.ts';
import { createTicker } from './ticker.ts';
import { webhookSettings } from './webhook-settings.ts';

/** Where `npm run build` puts the page of the console. */
const CONSOLE_ASSETS = consoleAssets(import.meta.url);

/** How often the periodic tasks run if nothing wakes them. */
const TICK_MS = 1000;

/** The services, and how what they serve is configured. */
export interface ServeOptions {
  readonly config: ControllerConfig;
  readonly services: Services;
  /** Stops what was started, the last first. */
  readonly stack: AsyncDisposableStack;
}

/** Work that goes on behind the operator API. */
interface Background {
  /** Moves a request as far as it can go by now. */
  readonly advance: (requestId: string) => Promise<void>;
  readonly kernelTypesFetcher: KernelTypesFetcher;
}

/**
 * Starts to serve webhooks, sinks of the audit log, hosts, rollouts, operators, the console and metrics, in
 * this order. Returns the address of the operator API. Throws CONFIG_INVALID if an address cannot be listened
 * on.
 */
export async function serve(options: ServeOptions): Promise<string> {
  const { services, config } = options;
  const notifier = await serveWebhooks(options);
  const watched = { ...services, notifier, auditSinks: serveSinks(options) };
  const metrics = config.metrics && controllerMetrics(watched);
  serveHosts(services, metrics);
  const handlers = handlersOf(options, serveRollouts(options));
  const address = await serveOperators(options, handlers);
  if (config.console) await serveConsole(options, config.console, handlers);
  if (metrics) await serveMetrics(options, watched, metrics);
  return address;
}

async function serveWebhooks({ config, services, stack }: ServeOptions): Promise<Notifier> {
  const receivers = config.webhooks.map(webhook => webhookOf(webhookSettings(webhook), services.clock));
  const consoleOrigin = config.console?.origin;
  const notifier = await startNotifier({ ...services, receivers, consoleOrigin });
  return stack.adopt(notifier, started => started.stop());
}

function serveSinks({ config, services, stack }: ServeOptions): AuditSinks {
  const { name: controller, trust, clock } = services;
  const sinks = sinksOf(config.audit ?? {}, { controller, site: trust.site, clock });
  return stack.adopt(startSinks(sinks, services), started => started.stop());
}

function serveHosts(services: Services, metrics: ControllerMetrics | undefined): void {
  if (!metrics) return listenToFleet(services);
  listenToFleet({ ...services, commitResult: timedCommit(services.commitResult, metrics.commitSeconds) });
}

function serveRollouts({ services, stack }: ServeOptions): Background {
  const { registry, bus } = services;
  const kernelTypesFetcher = stack.adopt(new KernelTypesFetcher(services), started => started.stop());
  const ticker = createTicker(TICK_MS);
  const driver = stack.adopt(startDriver({ ...services, ordered: ticker.wake }), started => started.stop());
  const { drive, takeOver } = driver;
  stack.defer(() => ticker.stop());
  ticker.start(taskRunner(periodicTasks(), { ...services, drive, takeOver }));
  bus.onConnected(ticker.wake);
  reportOrderingProblem(services);
  registry.onChange(() => {
    reportOrderingProblem(services);
    ticker.wake();
  });
  return {
    kernelTypesFetcher,
    async advance(requestId) {
      await advanceRequest({ ...services, drive }, requestId);
      ticker.wake();
    },
  };
}

/**
 * Logs what keeps this controller from ordering. It goes on, because the next trust bundle may change that.
 */
function reportOrderingProblem({ signer, log }: Services): void {
  try {
    signer.check();
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    log.error({ code, reason: message }, 'controller cannot order anything');
  }
}

function handlersOf({ config, services }: ServeOptions, background: Background): OperatorHandlers {
  const { console: page } = config;
  return operatorHandlers({
    ...services,
    ...background,
    management: hostManagement(services),
    lockManagement: lockManagement(services),
    issueConsoleCode: page && (operator => newCode({ ...services, config: page }, operator)),
  });
}

async function serveOperators(
  { config, services, stack }: ServeOptions,
  handlers: OperatorHandlers,
): Promise<string> {
  const { enrolment, log } = services;
  const api = await startApi({
    listen: config.listen,
    tls: apiTls(config),
    redeem: enrolment && (redemption => redeemEnrolment({ ...services, ...enrolment }, redemption)),
    authenticate: authenticator(services),
    handlers,
    limits: services.callerLimits,
    log,
  });
  return stack.adopt(api, started => started.close()).address;
}

async function serveConsole(
  { services, stack }: ServeOptions,
  config: ConsoleSettings,
  handlers: OperatorHandlers,
): Promise<void> {
  const secretFile = config.oidc?.clientSecretFile;
  const secret = secretFile === undefined ? undefined : readSecretText(secretFile);
  const oidc = config.oidc && oidcProvider(config.oidc, { secret, clock: services.clock });
  const page = { config, oidc, tls: apiTls(config), assets: CONSOLE_ASSETS };
  stack.adopt(
    await startConsole({ ...services, limits: services.callerLimits, handlers, ...page }),
    started => started.close(),
  );
}

async function serveMetrics(
  { config, services, stack }: ServeOptions,
  watched: ControllerMetricsParts,
  metrics: ControllerMetrics,
): Promise<void> {
  if (!config.metrics) return;
  const server = await serveControllerMetrics(config.metrics.listen, watched, metrics);
  stack.adopt(server, started => started.close());
  services.log.info({ listen: server.address }, 'metrics and probes are served');
}
