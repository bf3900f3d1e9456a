import { auditDigest, type Schema } from '../../store/index.ts';
import type { KernelFactsNote, ModuleSignatureNote, TableCheck } from '../replay/index.ts';

/** A signature of a module is the one that the log tells of, for the same module, facts and key. */
export const moduleSignaturesCheck: TableCheck<Schema['module_signatures']> = {
  keyOf: ({ request_id, host, attempt, image }) => [request_id, host, attempt, image],
  told: 'every',
  check({ request_id, host, attempt, image, facts, key_id, signature, signed_at_ms }, { notes }, complain) {
    const note = notes.get<ModuleSignatureNote>(['module_signatures', request_id, host, attempt, image]);
    if (!note) return;
    if (auditDigest(signature) !== note.signature)
      complain('digest', 'its signature is not the one that the log tells of');
    if (facts !== note.facts) complain('digest', 'it was compiled from other facts, by the log');
    if (key_id !== note.key) complain('content', `it was signed by ${note.key}, by the log`);
    if (signed_at_ms !== note.atMs) complain('content', 'it was signed at another time, by the log');
  },
};

/** What is known of a kernel is what a host said, word by word. */
export const kernelFactsCheck: TableCheck<Schema['kernel_facts']> = {
  keyOf: ({ build, digest }) => [build, digest],
  told: 'every',
  check({ build, digest, facts, host, told_at_ms }, { notes }, complain) {
    const note = notes.get<KernelFactsNote>(['kernel_facts', build, digest]);
    if (!note) return;
    if (auditDigest(facts) !== digest) complain('digest', 'its lines are not those that the log tells of');
    if (host !== note.host) complain('content', `${note.host} said it, by the log`);
    if (told_at_ms !== note.atMs) complain('content', 'it was said at another time, by the log');
  },
};
