import { type FactName, type HostFacts, isFactName } from '../messages/index.ts';
import { enforcesSignatures } from '../module-signing/index.ts';
import type { FactLookup } from './match-selector.ts';

/** The facts of a host that a selector can name. */
export type SelectableFacts = Pick<
  HostFacts,
  | 'kernelRelease'
  | 'arch'
  | 'agentVersion'
  | 'bootId'
  | 'sigEnforce'
  | 'modulesDisabled'
  | 'lockdown'
  | 'secureBoot'
  | 'signing'
>;

/** A host as selectors see it. */
export interface Target {
  readonly host: string;
  /** Its labels: those of its enrolment at a controller, those of its configuration at an agent. */
  readonly labels: Readonly<Record<string, string>>;
  /** Called only if a selector names a fact other than the name. */
  readonly facts: () => SelectableFacts;
}

/** The text of each fact except the name. */
const FACTS: {
  readonly [N in Exclude<FactName, 'host'>]: (facts: SelectableFacts) => string | readonly string[];
} = {
  /** `uname -r`. */
  kernel: ({ kernelRelease }) => kernelRelease,
  /** `uname -m`. */
  arch: ({ arch }) => arch,
  /** The agent's version. */
  agent: ({ agentVersion }) => agentVersion,
  /** /proc/sys/kernel/random/boot_id: the host as it runs now, and not after its next boot. */
  boot: ({ bootId }) => bootId,
  /** Whether the kernel takes signed modules only. */
  signing: facts => (enforcesSignatures(facts) ? 'enforced' : 'off'),
  /** Whether it takes any more modules before its next boot. */
  modules: ({ modulesDisabled }) => (modulesDisabled ? 'off' : 'on'),
  /** kernel_lockdown(7): none, integrity, confidentiality. */
  lockdown: ({ lockdown }) => lockdown || 'none',
  secureboot: ({ secureBoot }) => (secureBoot === undefined ? 'unknown' : secureBoot ? 'on' : 'off'),
  /** Ids (hex) and names of the keys by which the kernel verifies modules. */
  trusts: ({ signing }) =>
    (signing?.keys ?? []).flatMap(({ keyId, name }) => [keyId, name]).filter(text => text !== ''),
};

/**
 * What selectors find of a host by name. Facts have names that no label may have.
 *
 * Threat: terms that a host can lie about. The name and labels of a host are those of its enrolment, which
 * approvers decide; the facts (kernel, arch, agent, boot, signing, modules, lockdown, secureboot, trusts) are
 * its own statement. A stolen host can get itself into or out of `kernel~6.1`, and gains no more than
 * running, on itself, what was approved for others. A controller cannot widen a request: each host evaluates
 * the signed selector on the labels and facts that it has itself.
 */
export function lookupIn({ host, labels, facts }: Target): FactLookup {
  let read: SelectableFacts | undefined;
  return name => {
    if (!isFactName(name)) return Object.hasOwn(labels, name) ? labels[name] : undefined;
    if (name === 'host') return host;
    read ??= facts();
    return FACTS[name](read);
  };
}
