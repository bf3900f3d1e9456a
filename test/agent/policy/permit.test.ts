import { describe, expect, test } from 'vitest';
import { checkLimits, mayCallOf, parseHostPolicy, permit } from '../../../agent/policy/index.ts';
import type { Callee, CompiledCall } from '../../../agent/stages/index.ts';
import { authenticateOrder, verifyOrder } from '../../../agent/verify/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { type OrderChanges, orderKit } from '../../kit/order-kit.ts';
import { selectableFacts } from '../support/stand-in-stages.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const kit = orderKit(NOW_MS);
const trust = {
  bundle: kit.bundle,
  host: 'web-01',
  labels: { env: 'test' },
  facts: selectableFacts,
  statements: { confirmedAtMs: 0 },
  nowMs: NOW_MS,
};
const INDIRECT = { line: 3, column: 7, prototype: 'int (void)', permitted: [] };
const ALL = { effects: ['read', 'call', 'write'] };

async function verified(request: OrderChanges['request'] = {}) {
  const { envelope } = await kit.order({ request });
  return verifyOrder(await authenticateOrder(envelope, trust), trust);
}

function callee(name: string, module?: string): Callee {
  return { name, module, prototype: `void ${name}(void)` };
}

function compiled(changes: Partial<CompiledCall> = {}): CompiledCall {
  return {
    image: undefined,
    moduleName: 'farcall_0_1',
    effect: 'call',
    callees: [callee('_printk')],
    indirectCalls: [],
    watches: [],
    denies: [],
    ...changes,
  };
}

interface Members {
  readonly effects?: readonly string[];
  readonly functions?: object;
  readonly modules?: object;
  readonly indirectCalls?: string;
}

/** A policy that allows everything but what `members` say otherwise. */
function policy({ functions, modules, ...others }: Members) {
  const open = { functions: { allow: ['*'], ...functions }, modules: { allow: ['*'], ...modules } };
  return parseHostPolicy(JSON.stringify({ ...ALL, ...open, ...others }));
}

test('a call that no rule forbids is permitted', async () => {
  expect(permit(await verified(), compiled(), policy({})).compiled.moduleName).toBe('farcall_0_1');
});

describe('a call that the policy forbids', () => {
  const rows: [rule: string, members: Members, changes: Partial<CompiledCall>][] = [
    ['functions.deny', { functions: { deny: ['panic*'] } }, { callees: [callee('panic_on_oops')] }],
    ['functions.deny', { functions: { allow: ['*'], deny: ['?printk'] } }, {}],
    ['functions.allow', { functions: { allow: ['wake_up_*'] } }, {}],
    ['functions.allow', { functions: { allow: [] } }, {}],
    ['modules.allow', { modules: { allow: ['vmlinux'] } }, { callees: [callee('nfsd_svc', 'nfsd')] }],
    ['modules.deny', { modules: { deny: ['vmlinux'] } }, {}],
    ['effects', { effects: ['read'] }, {}],
    ['effects', { effects: ['read', 'write'] }, {}],
    ['effects', { effects: ['read'] }, { effect: 'read' }],
    ['declared effect', {}, { effect: 'write' }],
    ['declared effect', { indirectCalls: 'checked' }, { indirectCalls: [INDIRECT] }],
  ];
  test.each(rows)(
    'a call that the policy forbids is refused by the member %s: %j',
    async (rule, members, changes) => {
      const order = await verified();
      const refusal = expect.objectContaining({
        code: 'POLICY_REFUSED',
        message: expect.stringContaining(`policy (${rule}):`),
      });
      expect(() => permit(order, compiled(changes), policy(members))).toThrow(refusal);
    },
  );
});

describe('a call through a pointer', () => {
  const request = { indirectCalls: true };
  const through = compiled({ callees: [], indirectCalls: [INDIRECT] });

  test('a call through a pointer is refused unless the policy says that such calls are checked', async () => {
    const order = await verified(request);
    expect(() => permit(order, through, policy({}))).toThrow(/policy \(indirectCalls\): .*line 3, column 7/);
    expect(permit(order, through, policy({ indirectCalls: 'checked' })).compiled).toBe(through);
  });

  test('a call through a pointer counts as a call where a policy allows writes and no calls', async () => {
    const order = await verified({ ...request, effect: 'write' });
    const writes = { ...through, effect: 'write' } as const;
    const rules = policy({ effects: ['read', 'write'], indirectCalls: 'checked' });
    expect(() => permit(order, writes, rules)).toThrow(/policy \(effects\): calls are not allowed/);
  });

  test('a call through a pointer is refused if the request does not declare it, whatever the policy allows', async () => {
    const rules = policy({ indirectCalls: 'checked' });
    const order = await verified();
    expect(() => permit(order, through, rules)).toThrow(/does not declare indirect calls/);
  });
});

describe('the functions that a pointer may hold', () => {
  const rules = policy({
    indirectCalls: 'checked',
    functions: { allow: ['get_*', 'copy'], deny: ['*_secret'] },
  });

  test.each<[names: string[], permitted: boolean]>([
    [['get_int'], true],
    [['get_secret'], false],
    [['other'], false],
    [['other', 'get_int'], true],
    [['get_int', 'alias_secret'], false],
  ])(
    'the functions that a pointer may hold are known by all names at their address: %j',
    (names, permitted) => {
      expect(mayCallOf(rules).function(names)).toBe(permitted);
    },
  );

  test('the functions that a pointer may hold are those of allowed modules', () => {
    const narrow = policy({
      indirectCalls: 'checked',
      modules: { allow: ['vmlinux', 'nfsd'], deny: ['nfs?'] },
    });
    expect([undefined, 'nfsd', 'ext4'].map(module => mayCallOf(narrow).module(module))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('the functions that a pointer may hold are none where the policy refuses calls through pointers', () => {
    const closed = mayCallOf(policy({}));
    expect([closed.module(undefined), closed.function(['get_int'])]).toEqual([false, false]);
  });
});

test('the strict default permits reads, and nothing else', async () => {
  const strict = parseHostPolicy('{}');
  const order = await verified({ effect: 'read' });
  expect(permit(order, compiled({ effect: 'read', callees: [] }), strict)).toBeDefined();
  const call = await verified();
  expect(() => permit(call, compiled(), strict)).toThrow(/policy \(effects\):/);
  const write = await verified({ effect: 'write' });
  expect(() => permit(write, compiled({ effect: 'write', callees: [] }), strict)).toThrow(
    /policy \(effects\): a write is not allowed/,
  );
  const calls = parseHostPolicy('{"effects":["read","call"]}');
  expect(() => permit(call, compiled(), calls)).toThrow(/policy \(functions.allow\): no pattern allows/);
});

test('a module that enough people approved is permitted', async () => {
  const asModule = compiled({ image: new Uint8Array(1) });
  expect(permit(await verified(), asModule, policy({})).compiled).toBe(asModule);
});

test('a denied function is refused among allowed ones', async () => {
  const order = await verified();
  const callees = [callee('_printk'), callee('panic')];
  expect(() => permit(order, compiled({ callees }), policy({ functions: { deny: ['panic'] } }))).toThrow(
    /panic is denied by 'panic'/,
  );
});

test('a function that is denied by another of its names is refused', async () => {
  const order = await verified();
  const callees = [{ ...callee('__memcpy'), aliases: ['memcpy'] }];
  expect(() => permit(order, compiled({ callees }), policy({ functions: { deny: ['memcpy'] } }))).toThrow(
    /__memcpy is also memcpy, denied by 'memcpy'/,
  );
  expect(permit(order, compiled({ callees }), policy({}))).toBeDefined();
});

test('a read that is declared as a read passes a host that allows reads only', async () => {
  const order = await verified({ effect: 'read' });
  const read = compiled({ effect: 'read', callees: [] });
  expect(permit(order, read, policy({ effects: ['read'] })).compiled.effect).toBe('read');
});

describe('limits are checked before the program is compiled', () => {
  const rows: [rule: string, members: object][] = [
    ['policies', { policies: ['emergency'] }],
    ['largestProgramBytes', { largestProgramBytes: 5 }],
    ['longestTimeoutMs', { longestTimeoutMs: 999 }],
  ];
  test.each(rows)('an order is refused by the limit %s', async (rule, members) => {
    const order = await verified();
    const refusal = expect.objectContaining({ message: expect.stringContaining(`policy (${rule}):`) });
    expect(() => checkLimits(order, policy(members))).toThrow(refusal);
    expect(() => permit(order, compiled(), policy(members))).toThrow(refusal);
  });
});

test('an order that was not verified is not permitted', async () => {
  const forged = { ...(await verified()) };
  expect(() => permit(forged as never, compiled(), policy({}))).toThrow(/unverified/);
});

describe('a program that only reads, and that nobody approved', () => {
  const thresholds = { standard: { read: 0, call: 2, write: 2 } };
  const bundle = checkTrustBundle({ ...kit.bundle, thresholds });
  const read = { effect: 'read', callees: [] } as const;

  async function unapproved() {
    const { envelope } = await kit.order({ request: { effect: 'read' }, approvals: [] });
    return verifyOrder(await authenticateOrder(envelope, { ...trust, bundle }), { ...trust, bundle });
  }

  test('a program that only reads, and that nobody approved is permitted if it is interpreted', async () => {
    const order = await unapproved();
    expect(order.approvers).toEqual([]);
    expect(permit(order, compiled(read), policy({})).order).toBe(order);
  });

  test('a program that only reads, and that nobody approved is refused if it would be a module', async () => {
    const asModule = compiled({ ...read, image: new Uint8Array(1) });
    const order = await unapproved();
    expect(() => permit(order, asModule, policy({}))).toThrow(
      expect.objectContaining({ code: 'APPROVALS_INSUFFICIENT' }),
    );
  });

  test('a program that only reads, and that nobody approved is refused if it does more than read', async () => {
    const order = await unapproved();
    for (const effect of ['call', 'write'] as const)
      expect(() => permit(order, compiled({ effect }), policy({}))).toThrow(
        expect.objectContaining({ code: 'POLICY_REFUSED' }),
      );
  });
});

describe('functions in scopes', () => {
  async function verifiedBy(...scopes: object[]) {
    const here = { ...trust, bundle: checkTrustBundle({ ...kit.bundle, scopes }) };
    const { envelope } = await kit.order();
    return verifyOrder(await authenticateOrder(envelope, here), here);
  }

  test('a program that calls what its requester may not ask for is refused', async () => {
    const order = await verifiedBy({ may: 'request', person: 'alice', functions: ['get_*'] });
    const refusal = expect.objectContaining({
      code: 'SCOPE_EXCEEDED',
      message: expect.stringContaining('the function _printk is outside their scope'),
    });
    expect(() => permit(order, compiled(), policy({}))).toThrow(refusal);
    expect(permit(order, compiled({ callees: [callee('get_task')] }), policy({}))).toBeDefined();
  });

  test('an approval does not count for a program that calls what its approver may not approve', async () => {
    const order = await verifiedBy({ may: 'approve', person: 'bob', functions: ['get_*'] });
    const refusal = expect.objectContaining({
      code: 'APPROVALS_INSUFFICIENT',
      message: expect.stringMatching(
        /1 of 2 approvals count for what the program calls on this host; not counted: bob: [^;]*$/,
      ),
    });
    expect(() => permit(order, compiled(), policy({}))).toThrow(refusal);
    expect(permit(order, compiled({ callees: [callee('get_task')] }), policy({}))).toBeDefined();
  });
});
