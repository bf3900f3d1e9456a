import { ends, type Finding, ok, unfit } from '../../shared/doctor/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';
import { credentialsEndAtMs, parseBrokerControl } from '../broker/index.ts';
import { tryLogin } from '../bus/index.ts';
import type { ControllerConfig } from '../config/index.ts';

const SOON_MS = 30 * 86_400_000;
const RENEW = 'farcall-controller renew, then reload the controller';

/** Whether the broker takes the controller's logins, and for how long they are good. */
export async function examineLogins(
  { name, nats }: ControllerConfig,
  nowMs: number,
): Promise<readonly Finding[]> {
  const { servers, credentialsFile: file, controlFile, caFile } = nats;
  const tls = () => brokerTls(servers, caFile);
  const login = async (what: string, credentials: (() => string) | undefined): Promise<Finding> => {
    try {
      const server = await tryLogin({
        servers,
        name: `farcall-controller ${name} doctor`,
        credentials,
        tls: tls(),
      });
      return ok('login', `${what} is taken by ${server}`);
    } catch (thrown) {
      const remedy = `if the broker is reached: ${RENEW}; farcall locks says whether it is locked`;
      return unfit('login', `${what}: ${toFarcallError(thrown).message}`, remedy);
    }
  };
  const read = file === undefined ? undefined : () => readSecretText(file);
  const control =
    controlFile === undefined
      ? undefined
      : () => parseBrokerControl(readSecretText(controlFile), controlFile).credentials;
  return [
    await login('the login at the broker', read),
    ...(read && file !== undefined ? [await ending(file, read, nowMs)] : []),
    ...(control && controlFile !== undefined
      ? [
          await login('the login that takes others off the broker', control),
          await ending(controlFile, control, nowMs),
        ]
      : []),
  ];
}

async function ending(file: string, read: () => string, nowMs: number): Promise<Finding> {
  const what = `the login in ${file}`;
  try {
    const endsAtMs = await credentialsEndAtMs(read(), file);
    if (endsAtMs === undefined) return ok('login', `${what} does not end`);
    return ends('login', what, { endsAtMs, nowMs, soonMs: SOON_MS, soon: RENEW, over: RENEW });
  } catch (thrown) {
    return unfit('login', toFarcallError(thrown).message, RENEW);
  }
}
