import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  EFFECTS,
  FUEL_DEFAULT,
  FUEL_LIMIT,
  PLAN_DEPTHS,
  POLICIES,
  PROGRAM_LIMIT_BYTES,
} from '../../shared/messages/index.ts';
import { allIssues } from '../../shared/schema/index.ts';

const pattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.*?-]+$/, 'a pattern is letters, digits, _ . - and the wildcards * and ?');

const patterns = z.array(pattern).max(1024);

/** The name under which rules know the kernel itself, beside the names of modules. */
export const KERNEL_ITSELF = 'vmlinux';

/** How modules are signed before they are loaded; see {@link HostPolicy}. */
export const MODULE_SIGNING = ['none', 'local', 'controller'] as const;

/** One of {@link MODULE_SIGNING}. */
export type ModuleSigning = (typeof MODULE_SIGNING)[number];

/** What a host does with calls through pointers; see {@link HostPolicy}. */
export const INDIRECT_CALLS = ['refuse', 'checked'] as const;

/** Which probes a host takes; see {@link HostPolicy}. */
export const PROBES = ['none', 'watch', 'deny'] as const;

const path = z.string().min(1).max(4096);

/**
 * A name is allowed where an `allow` pattern matches it and no `deny` pattern does. The defaults are strict:
 * `{}` allows small programs of the standard policy that only read, and whatever goes beyond that must stand
 * in the file.
 */
export const policySchema = z
  .strictObject({
    /** What programs may do. Without `write`, writes are off; `["read"]` allows reads only. */
    effects: z.array(z.enum(EFFECTS)).min(1, 'a host that allows no effect needs no agent').default(['read']),
    /** Functions that may be called: a pattern of `allow` must match the name, and none of `deny` may. */
    functions: z
      .strictObject({
        /** Patterns of names: `*` stands for any characters, `?` for one. */
        allow: patterns.default([]),
        /** Patterns of names that are refused even if `allow` has them. */
        deny: patterns.default([]),
      })
      .prefault({}),
    /** The same for the module that contains the function; `vmlinux` is the kernel itself. */
    modules: z
      .strictObject({
        /** Patterns of names: `*` stands for any characters, `?` for one. */
        allow: patterns.default([KERNEL_ITSELF]),
        /** Patterns of names that are refused even if `allow` has them. */
        deny: patterns.default([]),
      })
      .prefault({}),
    /**
     * Calls through pointers, whose functions no program names. `refuse`: none; `checked`: each pointer is
     * compared, before it is called, with the functions that `functions` and `modules` permit, and the
     * program ends as refused if it is none of these.
     */
    indirectCalls: z.enum(INDIRECT_CALLS).default('refuse'),
    /**
     * Watches: probes at the entry of functions. Threat: a probe slows down everyone who enters the function,
     * for as long as it is there. So a host has none unless its policy says which functions, how long and how
     * often.
     */
    probes: z
      .strictObject({
        /** `none`: no probes; `watch`: watches, of functions that these rules permit; `deny`: both. */
        allow: z.enum(PROBES).default('none'),
        /** The functions, and the modules of them as in `modules` of the policy. */
        functions: z
          .strictObject({
            /** Patterns of names: `*` stands for any characters, `?` for one. */
            allow: patterns.default([]),
            /** Patterns of names that are refused even if `allow` has them. */
            deny: patterns.default([]),
          })
          .prefault({}),
        /** The longest time that a watch may last. */
        longestMs: z.int().min(1).max(3_600_000).default(60_000),
        /** How often in a second the body of a watch may run at most. */
        mostPerSecond: z.int().min(1).max(1_000_000_000).default(10_000),
        /** Denies, by rules of their own: what may be watched is not what may be taken from everyone. */
        denies: z
          .strictObject({
            /** The functions that may be denied, and the modules of them as in `modules` of the policy. */
            functions: z
              .strictObject({
                /** Patterns of names: `*` stands for any characters, `?` for one. */
                allow: patterns.default([]),
                /** Patterns of names that are refused even if `allow` has them. */
                deny: patterns.default([]),
              })
              .prefault({}),
            /** The longest life of a deny, in milliseconds: 7 days, and 30 at most. */
            longestMs: z
              .int()
              .min(1)
              .max(30 * 86_400_000)
              .default(7 * 86_400_000),
          })
          .prefault({}),
      })
      .prefault({}),
    /** The longest run that a request may ask for. */
    longestTimeoutMs: z.int().min(1).max(3_600_000).default(30_000),
    /**
     * How often the loops of a program may turn in all. Threat: a module that goes round for long keeps a CPU
     * to itself, and no time limit ends it.
     */
    mostFuel: z.int().min(1).max(FUEL_LIMIT).default(FUEL_DEFAULT),
    /** The largest program. */
    largestProgramBytes: z.int().min(1).max(PROGRAM_LIMIT_BYTES).default(8192),
    /** Approval policies that are accepted. */
    policies: z.array(z.enum(POLICIES)).min(1).default(['standard']),
    /**
     * How much this host tells of what a program would do that nobody has approved yet. Threat: `read` lets
     * every requester read memory without an approval, within what a plan shows; so the default compiles
     * only.
     */
    plan: z.enum(PLAN_DEPTHS).default('compile'),
    /**
     * Who signs modules. `none`: nobody; `local`: this host, with `moduleKey`; `controller`: the controller,
     * which has the key and signs only what it has compiled itself. By default `controller` on kernels that
     * take signed modules only, and `none` elsewhere.
     */
    moduleSigning: z.enum(MODULE_SIGNING).optional(),
    /** The key for `local`. */
    moduleKey: z
      .strictObject({
        /** A PEM file, 0600, or a `pkcs11:` URI. */
        key: path,
        /** The certificate of the key. */
        certificateFile: path,
      })
      .optional(),
  })
  .refine(({ moduleSigning, moduleKey }) => (moduleSigning === 'local') === (moduleKey !== undefined), {
    path: ['moduleKey'],
    message: 'moduleKey goes with moduleSigning local, and with nothing else',
  });

/** Patterns of names. */
export type NameRules = HostPolicy['functions'];

/** The rules of the people who run this host, in force whatever was approved. */
export type HostPolicy = z.infer<typeof policySchema>;

/**
 * The policy in `text`. Members that are missing have the strict defaults. Throws CONFIG_INVALID naming the
 * member: a misspelt rule must not silently allow.
 */
export function parseHostPolicy(text: string, origin = 'policy'): HostPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${origin}: not JSON`, { cause });
  }
  const parsed = policySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FarcallError(
    'CONFIG_INVALID',
    allIssues(parsed.error, () => origin, 'policy'),
  );
}

/** The policy in the file `path`; relative paths in it count from where it lies. */
export function readHostPolicy(path: string): HostPolicy {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the policy file ${path} cannot be read`, { cause });
  }
  return withAbsoluteKey(parseHostPolicy(text, path), dirname(resolve(path)));
}

function withAbsoluteKey(policy: HostPolicy, directory: string): HostPolicy {
  if (!policy.moduleKey) return policy;
  const { key, certificateFile } = policy.moduleKey;
  const moduleKey = {
    key: key.startsWith('pkcs11:') ? key : resolve(directory, key),
    certificateFile: resolve(directory, certificateFile),
  };
  return { ...policy, moduleKey };
}

/** The policy as others may see it: without where this host's key for modules is. */
export function tellablePolicy({ moduleKey, ...policy }: HostPolicy): object {
  return { ...policy, ...(moduleKey && { moduleKey: 'its own' }) };
}
