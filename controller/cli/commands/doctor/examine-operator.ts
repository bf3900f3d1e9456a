import {
  ends,
  examineCertificate,
  examineClock,
  type Finding,
  ok,
  orUnfit,
  unfit,
  warning,
} from '../../../../shared/doctor/index.ts';
import { toFarcallError } from '../../../../shared/errors/index.ts';
import { isKeyFile, withoutPin } from '../../../../shared/keys/index.ts';
import { keyId, readKeyFile } from '../../../../shared/tokens/index.ts';
import { readRootsFile, siteName } from '../../../../shared/trust/index.ts';
import { printable } from '../../../views/index.ts';
import { knownBundle } from '../../core/index.ts';
import {
  type CliContext,
  type CommonOptions,
  type OperatorIdentity,
  readIdentity,
  type Session,
  withController,
  withSession,
} from '../../session/index.ts';
import { examineStatus } from './examine-status.ts';

const DAY_MS = 86_400_000;

/**
 * Looks at everything that must hold for the commands of an operator to work. It changes nothing but the
 * memory of the newest trust bundle, as every command does. Never throws for what it finds.
 */
export async function examineOperator(
  context: CliContext,
  options: CommonOptions,
): Promise<readonly Finding[]> {
  const { clock, env } = context;
  let identity: OperatorIdentity | undefined;
  const configuration = orUnfit('configuration', 'farcall help contexts says what belongs into it', () => {
    identity = readIdentity({ configFile: options.config, contextName: options.context, env });
    const { name, controller } = identity;
    return ok('configuration', `${name}, at the controller ${controller}`);
  });
  if (!identity) return [configuration, ...(await examineClock())];
  const { caFile, rootsFile } = identity;
  const certificate = (file: string): Finding =>
    examineCertificate('certificate', file, {
      ...{ nowMs: clock.nowMs(), soonMs: 30 * DAY_MS },
      renew: 'get the new ca.pem from who administers the site, by a way that you trust',
    });
  return [
    configuration,
    examineKey(identity.key),
    ...(caFile === undefined ? [] : [certificate(caFile)]),
    ...(rootsFile === undefined ? [noRoots()] : [examineRoots(rootsFile, identity.site)]),
    ...(await examineAnswers(context, options, identity)),
    ...(await examineClock()),
  ];
}

function examineKey(key: string): Finding {
  return orUnfit('key', 'farcall key show KEY says what is in it; chmod 600 it', () => {
    if (!isKeyFile(key)) return ok('key', `${withoutPin(key)}: it is in a token or an agent`);
    return ok('key', `${key}: ${keyId(readKeyFile(key).publicJwk)}`);
  });
}

function noRoots(): Finding {
  return warning(
    'roots',
    'there is no rootsFile, so that nothing of the controller is checked from your own roots',
    'get roots.json from a root, and name it in your configuration',
  );
}

function examineRoots(file: string, site: string): Finding {
  return orUnfit('roots', 'get roots.json from a root, by a way that you trust', () => {
    const roots = readRootsFile(file);
    if (roots.site === site) return ok('roots', `the roots of the site ${siteName(roots)}`);
    return unfit('roots', `${file} has the roots of another site than ${site}`, 'look which one you mean');
  });
}

async function examineAnswers(
  context: CliContext,
  options: CommonOptions,
  identity: OperatorIdentity,
): Promise<readonly Finding[]> {
  const startMs = performance.now();
  try {
    await withController(context, options, client => client.call('getTrust', { afterVersion: 0 }));
  } catch (thrown) {
    const { message } = toFarcallError(thrown);
    const remedy = 'look at DNS, routes, firewalls, and farcall-controller doctor there';
    return [unfit('controller', printable(message), remedy)];
  }
  const tookMs = Math.round(performance.now() - startMs);
  const reached = ok('controller', `${identity.controller}: reached in ${tookMs} ms`);
  try {
    return await withSession(context, options, async session => [
      reached,
      ok('login', `the controller takes ${identity.name}, with the key ${session.key.kid}`),
      ...(await examineStatus(context, session)),
      ...(await examineTrust(context, session)),
    ]);
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return [reached, unfit('login', `${printable(message)} [${code}]`, 'farcall help errors says more')];
  }
}

/** The newest bundle, checked from this operator's own roots, and what this operator may do by it. */
async function examineTrust(
  context: CliContext,
  { client, identity, key }: Session,
): Promise<readonly Finding[]> {
  if (identity.rootsFile === undefined) return [];
  try {
    const { bundle } = await knownBundle(context, client, identity.rootsFile);
    const end = {
      ...{ endsAtMs: bundle.expiresAtMs, nowMs: context.clock.nowMs(), soonMs: 14 * DAY_MS },
      soon: 'remind the roots to sign the next one',
      over: 'nothing can be ordered until the roots have signed the next one',
    };
    const rights = (['requesters', 'approvers'] as const).filter(right =>
      bundle[right].some(({ keys }) => keys.some(each => keyId(each) === key.kid)),
    );
    return [
      ends('trust', `the trust bundle ${bundle.version}`, end),
      ok(
        'rights',
        `the trust bundle lists this key among: ${rights.join(', ') || 'nobody who asks or approves'}`,
      ),
    ];
  } catch (thrown) {
    return [
      unfit('trust', printable(toFarcallError(thrown).message), 'ask the roots, and change nothing yet'),
    ];
  }
}
