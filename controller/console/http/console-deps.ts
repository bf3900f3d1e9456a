import type { Clock } from '../../../shared/clock/index.ts';
import type { CounterSet } from '../../../shared/counters/index.ts';
import type { ApiTls, OperatorHandlers } from '../../api/index.ts';
import type { ControllerConfig } from '../../config/index.ts';
import type { Logger } from '../../log/index.ts';
import type { ChangeFeed, ConsoleStore } from '../../store/index.ts';
import type { TrustSource } from '../../trust/index.ts';
import type { OidcProvider } from '../provider/index.ts';

/** How the console is configured. */
export type ConsoleConfig = NonNullable<ControllerConfig['console']>;

/** What the console is made of. */
export interface ConsoleDeps {
  readonly config: ConsoleConfig;
  /** The controller's name. */
  readonly name: string;
  /** Undefined where it listens on this machine only. */
  readonly tls: ApiTls | undefined;
  /** Folder of the built page. */
  readonly assets: string;
  /** The operator API's own: the console can do what they do, for whom they do it, and nothing else. */
  readonly handlers: OperatorHandlers;
  readonly trust: TrustSource;
  /** Who else says who somebody is; undefined where nobody does. */
  readonly oidc: OidcProvider | undefined;
  readonly consoles: ConsoleStore;
  readonly changes: Pick<ChangeFeed, 'onAny'>;
  readonly counters: Pick<CounterSet, 'count'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The domain that passkeys of this console are bound to (WebAuthn level 3, section 4, "RP ID"). */
export function rpIdOf({ origin }: Pick<ConsoleConfig, 'origin'>): string {
  return new URL(origin).hostname;
}
