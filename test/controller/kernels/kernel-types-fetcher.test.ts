import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prelude } from '../../../agent/compiler/index.ts';
import {
  checkOnKernels,
  completeOnKernel,
  KernelTypesFetcher,
  listFunctions,
  listKernels,
} from '../../../controller/kernels/index.ts';
import {
  type KernelTypes,
  PROTOCOL_VERSION,
  signedTypesReplyCodec,
  type TypesReply,
  typesEnvelopeCodec,
  typesQueryCodec,
  typesReplyCodec,
} from '../../../shared/messages/index.ts';
import { allHostsSubject, hostSubject, toHostSubject } from '../../../shared/subjects/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { HOSTS, type HostIdentity } from '../../kit/cast.ts';
import { type ControllerParts, controllerParts, introduce, removeHost } from '../../kit/controller-kit.ts';
import { signStatement } from '../../kit/host-statements.ts';
import { packTypes, smallTypes } from '../../kit/kernel-types-kit.ts';

/** The kernel of which all hosts of the kit say that they run it. */
const BUILD = { release: '6.12.48+deb13-amd64', version: '', arch: 'x86_64' };
const KERNEL = { ...BUILD, hosts: 0 };
const PART_BYTES = 100;

/** What a host does otherwise than it should. */
interface Wrong {
  readonly types?: Partial<KernelTypes>;
  readonly reply?: Partial<TypesReply>;
  readonly by?: HostIdentity;
  readonly refuses?: boolean;
  readonly later?: Uint8Array;
}

describe('the types of the fleet’s kernels', () => {
  let parts: ControllerParts;
  let keepers: KernelTypesFetcher[];
  let asked: string[];
  let wrong: Map<string, Wrong>;

  beforeEach(async () => {
    parts = controllerParts();
    [keepers, asked, wrong] = [[], [], new Map()];
    await introduce(parts);
    const { publish } = parts.bus;
    parts.bus.publish = async (subject, bytes) => {
      await publish(subject, bytes);
      const host = Object.values(HOSTS).find(({ name }) => toHostSubject(name, 'types') === subject);
      if (host) setImmediate(() => void answer(host, bytes));
    };
  });

  afterEach(async () => {
    for (const keeper of keepers) await keeper.stop();
  });

  /** As the agent of `host` would, but for what is set in `wrong`. */
  async function answer(host: HostIdentity, envelope: Uint8Array): Promise<void> {
    const { query } = typesEnvelopeCodec.decode(envelope);
    const { offset } = typesQueryCodec.decode(query);
    asked.push(host.name);
    const { types, reply: said, by = host, refuses, later } = wrong.get(host.name) ?? {};
    const packed = offset > 0 && later ? later : packTypes({ ...smallTypes(BUILD), ...types });
    const content = refuses
      ? { refusal: { code: 'POLICY_REFUSED' as const, message: 'plan: none' } }
      : {
          part: {
            digest: sha256(packed),
            packedBytes: packed.length,
            bytes: packed.subarray(offset, offset + PART_BYTES),
          },
        };
    const reply = typesReplyCodec.encode({
      protocol: PROTOCOL_VERSION,
      host: host.name,
      queryDigest: sha256(query),
      kernelRelease: BUILD.release,
      kernelVersion: BUILD.version,
      arch: BUILD.arch,
      madeAtMs: parts.clock.nowMs(),
      ...content,
      ...said,
    });
    const nowMs = parts.clock.nowMs();
    const signature = await signStatement(by, { what: 'types', bytes: reply, nowMs });
    const message = { subject: hostSubject(host.name, 'types'), replyTo: undefined };
    await parts.bus.deliver(allHostsSubject('types'), {
      ...message,
      bytes: signedTypesReplyCodec.encode({ reply, signature }),
    });
  }

  function keeperOf(holder = 'ctl 1'): KernelTypesFetcher {
    const keeper = new KernelTypesFetcher({ ...parts, holder });
    keepers.push(keeper);
    return keeper;
  }

  const LONG_MS = 15_000;
  const depsWith = (kernelTypesFetcher: KernelTypesFetcher) => ({ ...parts, kernelTypesFetcher });

  it('the types of the fleet’s kernels are fetched once from one host, part by part, verified and kept', async () => {
    const keeper = keeperOf();
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked).size).toBe(1);
    const [record] = await parts.kernelTypes.list();
    expect(record).toMatchObject({ ...BUILD, functions: 6, host: asked[0] });
    expect(Buffer.from(record!.digest)).toEqual(
      Buffer.from(sha256((await parts.kernelTypes.packed(BUILD))!)),
    );
    const before = asked.length;
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBe(before);
    const { kernels } = await listKernels(depsWith(keeper), { selector: '*' });
    expect(kernels).toEqual([
      expect.objectContaining({ ...BUILD, hosts: 3, known: true, sourceHost: asked[0], functions: 6 }),
    ]);
  });

  it('the types of the fleet’s kernels are fetched by one of several controllers', async () => {
    const [one, other] = [keeperOf('ctl 1'), keeperOf('ctl 2')];
    await Promise.all([one.fetchMissing(LONG_MS), other.fetchMissing(LONG_MS)]);
    const parts1 = asked.length;
    expect((await parts.kernelTypes.list()).length).toBe(1);
    expect(parts1).toBe(Math.ceil(packTypes(smallTypes(BUILD)).length / PART_BYTES));
  });

  it.each<[string, Wrong]>([
    ['refuses', { refuses: true }],
    ['runs another kernel by now', { reply: { kernelRelease: '6.13.0' } }],
    ['sends types of another kernel', { types: { release: '6.13.0' } }],
    ['sends what are no types', { types: { vmlinux: Buffer.alloc(100) } }],
    ['sends parts of different things', { later: Buffer.alloc(500, 1) }],
    ['announces another digest', { reply: {}, types: { names: Buffer.from('no list') } }],
  ])('the types of the fleet’s kernels come from another host where one %s', async (_name, what) => {
    wrong.set('demo-1', what).set('demo-2', what);
    await keeperOf().fetchMissing(LONG_MS);
    expect((await parts.kernelTypes.list()).map(({ host }) => host)).toEqual(['prod-1']);
  });

  it('the types of the fleet’s kernels are not known where all hosts refuse; they are asked again later and later', async () => {
    for (const { name } of Object.values(HOSTS)) wrong.set(name, { refuses: true });
    const keeper = keeperOf();
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBe(3);
    const { kernels } = await listKernels(depsWith(keeper), { selector: '*' });
    expect(kernels).toMatchObject([{ known: false, problem: expect.stringContaining('plan: none') }]);
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBe(3);
    const check = checkOnKernels(depsWith(keeper), { program: '1', kernel: KERNEL });
    await expect(check).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('plan: none'),
    });
    parts.clock.advance(5000);
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBe(6);
    parts.clock.advance(5000);
    await keeper.fetchMissing(LONG_MS);
    expect(asked.length).toBe(6);
    parts.clock.advance(5000);
    wrong.clear();
    await keeper.fetchMissing(LONG_MS);
    expect((await parts.kernelTypes.list()).length).toBe(1);
  });

  it('the types of the fleet’s kernels that another host signed are not taken', async () => {
    for (const { name } of Object.values(HOSTS)) wrong.set(name, { by: HOSTS.other });
    await keeperOf().fetchMissing(500);
    expect(asked).toEqual(['demo-1']);
    expect(parts.counters.all()).toMatchObject({ 'types.TOKEN_KEY_UNKNOWN': 1 });
    expect(await parts.kernelTypes.list()).toEqual([]);
  });

  it('the types of the fleet’s kernels count no more once their host is none any more: another one is asked', async () => {
    const keeper = keeperOf();
    await keeper.fetchMissing(LONG_MS);
    const liar = (await parts.kernelTypes.list())[0]!.host;
    await removeHost(parts, liar);
    await keeper.fetchMissing(LONG_MS);
    const [record] = await parts.kernelTypes.list();
    expect(record?.host).not.toBe(liar);
    expect(record).toBeDefined();
  });

  it('the types of the fleet’s kernels answer what functions there are, in the order of names, up to a limit', async () => {
    const keeper = keeperOf();
    const query = { pattern: 'wake_up_*', selector: '*', limit: 2 };
    const list = await listFunctions(depsWith(keeper), query);
    expect(list.groups.map(({ name, note, kernels }) => [name, note, kernels])).toEqual([
      ['wake_up_bit', '', [{ ...BUILD, hosts: 3 }]],
      ['wake_up_early', 'only while the kernel started', [{ ...BUILD, hosts: 3 }]],
    ]);
    expect(list.truncated).toBe(true);
    const none = await listFunctions(depsWith(keeper), { ...query, pattern: 'wakeup_proces*' });
    expect([none.groups, none.similar]).toEqual([[], ['wake_up_process']]);
    await expect(listFunctions(depsWith(keeper), { ...query, selector: '=' })).rejects.toMatchObject({
      code: 'SELECTOR_INVALID',
    });
  });

  it('check and complete programs with the constants of the prelude', async () => {
    const keeper = keeperOf();
    await keeper.fetchMissing(LONG_MS);
    const deps = { ...depsWith(keeper), prelude: new Prelude('#define GFP_KERNEL 0xcc0\n#define OTHER 1\n') };
    const right = await checkOnKernels(deps, { program: 'GFP_KERNEL + 1', kernel: KERNEL });
    expect(right).toMatchObject({ diagnostics: [], resultType: 'int', sourceHost: expect.any(String) });
    const mistake = { program: 'GFP_KERNEL;\nnobody()', kernel: KERNEL };
    const { diagnostics } = await checkOnKernels(deps, mistake);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { line: 2, column: 1, endColumn: 7, code: 'SYMBOL_UNKNOWN' },
    ]);
    const program = 'int a = GFP_KERNEL; get_task()->pi';
    expect(
      await completeOnKernel(deps, { program, offset: program.length, kernel: KERNEL, limit: 5 }),
    ).toEqual({ from: program.length - 2, items: [{ label: 'pid', kind: 'member', detail: 'pid_t' }] });
  });

  it('names of the library are offered with their comments where a name can stand, and are known to checks', async () => {
    const keeper = keeperOf();
    await keeper.fetchMissing(LONG_MS);
    const deps = depsWith(keeper);
    const at = (program: string) =>
      completeOnKernel(deps, { program, offset: program.length, kernel: KERNEL, limit: 20 });
    expect((await at('IS_ER')).items).toContainEqual({
      label: 'IS_ERR',
      kind: 'library',
      detail: 'Whether a pointer holds an errno.',
    });
    expect((await at('get_task()->mi')).items.filter(({ kind }) => kind === 'library')).toEqual([]);
    const { diagnostics } = await checkOnKernels(deps, { program: 'min(1, 2)\n + nobody()', kernel: KERNEL });
    expect(diagnostics).toMatchObject([{ line: 2, column: 4, code: 'SYMBOL_UNKNOWN' }]);
  });
});
