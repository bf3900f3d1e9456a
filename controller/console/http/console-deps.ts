import type { Clock } from '../../../shared/clock/index.ts';
import type { CounterSet } from '../../../shared/counters/index.ts';
import type { ApiTls, CallerLimits, OperatorHandlers } from '../../api/index.ts';
import type { ControllerConfig } from '../../config/index.ts';
import type { Logger } from '../../log/index.ts';
import type { ChangeFeed, ConsoleStore } from '../../store/index.ts';
import type { TrustSource } from '../../trust/index.ts';
import type { OidcProvider } from '../provider/index.ts';

/** The section `console` of the controller's configuration. */
export type ConsoleSettings = NonNullable<ControllerConfig['console']>;

/** Settings of the console, and the parts of the controller that it uses. */
export interface ConsoleDeps {
  readonly config: ConsoleSettings;
  /** The controller's name. */
  readonly name: string;
  /** Undefined if the console listens on this machine only. */
  readonly tls: ApiTls | undefined;
  /** Folder with the built page. */
  readonly assets: string;
  /** The handlers of the operator API; the console can do what they do and nothing else. */
  readonly handlers: OperatorHandlers;
  /** Limits on the calls of people, shared with the operator API. */
  readonly limits: CallerLimits;
  readonly trust: TrustSource;
  /** The OpenID provider; undefined if none is configured. */
  readonly oidc: OidcProvider | undefined;
  readonly consoles: ConsoleStore;
  readonly changes: Pick<ChangeFeed, 'onAny'>;
  readonly counters: Pick<CounterSet, 'count'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The domain that passkeys of this console are bound to (WebAuthn level 3, section 4, "RP ID"). */
export function rpIdOf({ origin }: Pick<ConsoleSettings, 'origin'>): string {
  return new URL(origin).hostname;
}
