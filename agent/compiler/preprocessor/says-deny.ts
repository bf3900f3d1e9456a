import { FarcallError } from '../../../shared/errors/index.ts';
import { preprocess } from './preprocess.ts';

/**
 * Whether `program` has the word `deny`, for where no kernel is at hand that could tell its effect. A text
 * that cannot be read has none.
 */
export function saysDeny(program: string): boolean {
  try {
    return preprocess(program).tokens.some(token => token.kind === 'identifier' && token.name === 'deny');
  } catch (thrown) {
    if (thrown instanceof FarcallError) return false;
    throw thrown;
  }
}
