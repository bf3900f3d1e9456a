import type { Clock } from '../../shared/clock/index.ts';
import { signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { ControllerSigner } from './controller-signer.ts';

/** An incarnation of a host that may run orders. */
export interface Admission {
  readonly host: string;
  /** Its name in base64url. */
  readonly incarnation: string;
  /** When a person let the host go on after its journal had lost records; absent if it never had. */
  readonly acceptedAtMs?: number | undefined;
}

/** Signs, in the controller's name, that an incarnation of a host may run orders for some minutes. */
export type AdmissionSigner = (admission: Admission) => Promise<string>;

/** The {@link AdmissionSigner} of a controller. */
export function admissionSigner({ name, site, key }: ControllerSigner, clock: Clock): AdmissionSigner {
  return ({ host, incarnation, acceptedAtMs }) => {
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + TOKEN_KINDS.admission.maxAgeS;
    const since = acceptedAtMs === undefined ? {} : { since: Math.ceil(acceptedAtMs / 1000) };
    return signToken('admission', { iss: name, site, iat, exp, host, incarnation, ...since }, key);
  };
}
