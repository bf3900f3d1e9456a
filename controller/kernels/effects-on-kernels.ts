import type { LanguageService } from '../../agent/compiler/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { exceedsEffect, type HostFacts, type KernelProblem } from '../../shared/messages/index.ts';
import type { DerivedEffect, DeriveEffects } from '../effects/index.ts';
import type { Logger } from '../log/index.ts';
import type { KernelTypesRecord, KernelTypesStore } from '../store/index.ts';
import { buildKey, buildName, buildOf } from './kernel-builds.ts';
import type { KernelCache } from './kernel-cache.ts';

/** Inputs of {@link effectsOnKernels}, by reference; owned by the caller. */
export interface EffectsDeps {
  readonly kernelTypes: Pick<KernelTypesStore, 'list'>;
  readonly kernelCache: Pick<KernelCache, 'take'>;
  readonly log: Logger;
}

/**
 * Builds that are looked at for one program, as many as the cache keeps open. A program hardly ever does more
 * on one kernel than on another; a host on which it does refuses it.
 */
const BUILDS_LIMIT = 4;

/**
 * Derives what programs do from the types of kernels that hosts have sent.
 *
 * Threat: a host that lies about its types has programs look as if they did more, or less, than they do.
 * Then a request declares too much, or the other hosts refuse it. None runs what it did not derive itself.
 */
export function effectsOnKernels({ kernelTypes, kernelCache, log }: EffectsDeps): DeriveEffects {
  return async (program, hosts) => {
    const effects: DerivedEffect[] = [];
    const problems: KernelProblem[] = [];
    for (const record of frequentBuilds(hosts, await kernelTypes.list()))
      try {
        const languageService = await kernelCache.take(record);
        const found = languageService && derivedOn(buildName(record), languageService.check(program));
        if (found && 'effect' in found) effects.push(found);
        else if (found) problems.push(found);
      } catch (thrown) {
        if (!(thrown instanceof FarcallError)) throw thrown;
        log.warn({ kernel: buildName(record), err: thrown }, 'types of a kernel not read');
      }
    return { effects, problems };
  };
}

/** Longest reason that is told. */
const REASON_CHARS = 512;

function derivedOn(
  kernel: string,
  { effect, indirectCalls = false, diagnostics }: ReturnType<LanguageService['check']>,
): DerivedEffect | KernelProblem {
  if (effect === undefined) {
    const message =
      diagnostics.find(({ severity }) => severity === 'error')?.message ?? 'it does not compile';
    return { kernel, message: message.slice(0, REASON_CHARS) };
  }
  return { kernel, effect: indirectCalls && exceedsEffect('call', effect) ? 'call' : effect, indirectCalls };
}

/** The known builds that most of `hosts` run. */
function frequentBuilds(
  hosts: readonly { readonly facts: HostFacts }[],
  known: readonly KernelTypesRecord[],
): readonly KernelTypesRecord[] {
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const key = buildKey(buildOf(host));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const countOf = (record: KernelTypesRecord): number => counts.get(buildKey(record)) ?? 0;
  return known
    .filter(record => countOf(record) > 0)
    .sort((one, other) => countOf(other) - countOf(one))
    .slice(0, BUILDS_LIMIT);
}
