import { auditDigest, type Schema } from '../../store/index.ts';
import type { ReplayedKernelFacts, ReplayedModuleSignature, TableCheck } from '../replay/index.ts';

/** A signature of a module is the one that the log records, for the same module, facts and key. */
export const moduleSignaturesCheck: TableCheck<Schema['module_signatures']> = {
  keyOf: ({ request_id, host, attempt, image }) => [request_id, host, attempt, image],
  recorded: 'every',
  check({ request_id, host, attempt, image, facts, key_id, signature, signed_at_ms }, { replay }, report) {
    const recorded = replay.get<ReplayedModuleSignature>([
      'module_signatures',
      request_id,
      host,
      attempt,
      image,
    ]);
    if (!recorded) return;
    if (auditDigest(signature) !== recorded.signature)
      report('digest', 'its signature is not the one that the log records');
    if (facts !== recorded.facts) report('digest', 'it was compiled from other facts, by the log');
    if (key_id !== recorded.key) report('content', `it was signed by ${recorded.key}, by the log`);
    if (signed_at_ms !== recorded.atMs) report('content', 'it was signed at another time, by the log');
  },
};

/** The facts of a kernel are those that a host reported, word by word. */
export const kernelFactsCheck: TableCheck<Schema['kernel_facts']> = {
  keyOf: ({ build, digest }) => [build, digest],
  recorded: 'every',
  check({ build, digest, facts, host, reported_at_ms }, { replay }, report) {
    const recorded = replay.get<ReplayedKernelFacts>(['kernel_facts', build, digest]);
    if (!recorded) return;
    if (auditDigest(facts) !== digest) report('digest', 'its lines are not those that the log records');
    if (host !== recorded.host) report('content', `${recorded.host} reported it, by the log`);
    if (reported_at_ms !== recorded.atMs) report('content', 'it was reported at another time, by the log');
  },
};
