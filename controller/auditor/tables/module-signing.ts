import { auditDigest, type Schema } from '../../store/index.ts';
import {
  isLogged,
  type ReplayedKernelFacts,
  type ReplayedModuleSignature,
  type TableCheck,
} from '../replay/index.ts';

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
    isLogged('its signature', signature, recorded.signature, report);
    if (facts !== recorded.facts)
      report('digest', 'the audit log says that it was compiled from other facts');
    if (key_id !== recorded.key)
      report('content', `the audit log says that it was signed by ${recorded.key}`);
    if (signed_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it was signed at another time');
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
    if (host !== recorded.host) report('content', `the audit log says that ${recorded.host} reported it`);
    if (reported_at_ms !== recorded.atMs)
      report('content', 'the audit log says that it was reported at another time');
  },
};
