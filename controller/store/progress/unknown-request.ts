import { FarcallError } from '../../../shared/errors/index.ts';

/** NOT_FOUND for a request that the store does not have. */
export function unknownRequest(id: string): FarcallError {
  return new FarcallError('NOT_FOUND', `there is no request ${id}; farcall requests lists them`);
}
