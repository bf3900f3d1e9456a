import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  formatSelector,
  hostNamesDigest,
  lookupIn,
  namesIn,
  parseSelector,
  type SelectableFacts,
  type Selector,
  selectorMatches,
  type Target,
} from '../../../shared/targets/index.ts';
import { selectableFacts } from '../../agent/support/stand-in-stages.ts';

const SIGNING = { kcoreReadable: true, buildId: '', keyrings: {} };

const WEB: Target = {
  host: 'web-1',
  labels: { env: 'prod', role: 'web', canary: '' },
  facts: () => ({
    ...selectableFacts(),
    kernelRelease: '6.1.0-18-amd64',
    signing: {
      ...SIGNING,
      keys: [
        { name: 'Debian Secure Boot CA', keyId: '6cce' },
        { name: 'fleet-2026', keyId: '00aa' },
      ],
    },
  }),
};

function means(selector: string, target: Target = WEB): boolean {
  return selectorMatches(parseSelector(selector), lookupIn(target));
}

describe('a selector', () => {
  it.each([
    '*',
    'env=prod',
    'env=prod,role!=db',
    ' env = prod , role=web ',
    'env=prod|test',
    'env=test|prod',
    'env in (test, prod)',
    'env={test,prod}',
    'role not in (db,cache)',
    'canary',
    'canary=',
    '!standby',
    'canary,!standby',
    'env=test | (canary)',
    'env=test|canary,role=web|db | role=web',
    '!(env=test,role=web)',
    '!!canary',
    'host=web-*',
    'host=web-?',
    '@web-1',
    '@web-2,@web-1',
    '@web-2 , @web-1 , env=prod',
    '(@web-2|@web-1),!env=test',
    'kernel~6.1',
    'kernel~6.1.0',
    'kernel~6.1.0-18',
    'kernel~{5.10,6.1}',
    'kernel~5.10|6.1',
    'kernel!~6.10',
    'kernel=6.1.*',
    'arch~x86',
    'arch=x86_64,agent~0.1,signing=off,lockdown=none,modules=on,secureboot=unknown',
    'boot=00000000-0000-0000-0000-000000000000',
    'trusts=00aa',
    'trusts=fleet-*',
    'trusts!=fleet-2025',
    'env=prod,kernel~6.1,arch=x86_64,!standby',
    'missing!=x',
    'missing=x|*',
    'env=test| prod',
    'env=test|prod ,role=web',
    'env  =  prod',
    'env in(prod)',
    'role not  in (db)',
  ])('%s means the host', selector => {
    expect(means(selector)).toBe(true);
  });

  it.each([
    'env=test',
    'trusts=fleet-2025',
    'trusts!=fleet-2026',
    'env!=prod',
    'env!=prod|test',
    'env=test|staging',
    'env not in (prod)',
    '!canary',
    'standby',
    'canary,standby',
    '@web-2',
    '@web-2,env=prod,@web-1',
    'host=web',
    'kernel~6.10',
    'kernel~6.1.0-1',
    'kernel!~6.1',
    'kernel~5.10|6.12',
    'missing=',
    'constructor',
  ])('%s does not mean it', selector => {
    expect(means(selector)).toBe(false);
  });

  it('a selector takes a part of a version that ends where a number does', () => {
    const of = (kernelRelease: string): Target => ({
      ...WEB,
      facts: () => ({ ...selectableFacts(), kernelRelease }),
    });
    expect(
      ['6.1', '6.1.0-18-amd64', '6.1-rc3', '6.10', '6.12.1', '6'].filter(each =>
        means('kernel~6.1', of(each)),
      ),
    ).toEqual(['6.1', '6.1.0-18-amd64', '6.1-rc3']);
    expect(means('kernel~6', of('6.12.1'))).toBe(true);
  });

  it.each([
    ['', 1, 'expected a condition'],
    ['env=prod,', 10, 'expected a condition'],
    ['env=prod,,role=web', 10, 'expected a condition'],
    ['Env=prod', 1, 'expected a condition'],
    ['env=prod role=web', 10, ', (and), | (or) or the end'],
    ['env=pröd', 7, ', (and), | (or) or the end'],
    ['(env=prod', 10, 'the ( of column 1 is not closed'],
    ['env in (a,)', 11, 'expected a value'],
    ['env in (a', 10, 'expected , or ) here'],
    ['env={a)', 7, 'expected , or } here'],
    ['kernel~', 8, 'expected the beginning of a value'],
    ['kernel!~', 9, 'expected the beginning of a value'],
    ['kernel~6.1.*', 13, '~ compares beginnings and has no wildcards'],
    ['kernel~{6.1,6.?}', 17, '~ compares beginnings and has no wildcards'],
    ['kernel', 1, 'kernel is a fact of every host'],
    ['!signing', 2, 'signing is a fact of every host'],
    ['@Web', 2, 'expected the name of a host'],
    ['env=test|', 10, 'expected a condition'],
    ['env=|prod', 10, 'an empty value cannot be combined'],
    [`${'('.repeat(33)}a${')'.repeat(33)}`, 34, 'at most 32 deep'],
  ])('%s is refused at column %s', (selector, column, reason) => {
    expect(() => parseSelector(selector)).toThrow(
      expect.objectContaining({
        code: 'SELECTOR_INVALID',
        message: expect.stringContaining(`column ${column}: `),
      }),
    );
    expect(() => parseSelector(selector)).toThrow(reason);
  });

  it('a selector is not too long', () => {
    expect(() => parseSelector('a'.repeat(4097))).toThrow('at most 4096 characters');
    expect(() => parseSelector('a,'.repeat(2000))).toThrow('expected a condition');
    expect(parseSelector(`${'a=,'.repeat(1365)}a`)).toMatchObject({ kind: 'and' });
  });

  it('a selector may have more groups beside one another than within one another', () => {
    expect(means(`${'(!standby),'.repeat(40)}canary`)).toBe(true);
  });

  it('a selector with an error is shown up to its eightieth character', () => {
    const shownOf = (length: number): string => {
      try {
        return formatSelector(parseSelector(`${'a'.repeat(length - 1)}%`));
      } catch (error) {
        return /'(.*)'/.exec((error as Error).message)![1]!;
      }
    };
    expect(shownOf(80)).toBe(`${'a'.repeat(79)}%`);
    expect(shownOf(81)).toBe(`${'a'.repeat(80)}…`);
  });

  it('a group in a selector is the same tree as its parts where it changes nothing', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(name => ({ kind: 'present', name }));
    expect(parseSelector('(a,b),c')).toEqual({ kind: 'and', of: [a, b, c] });
    expect(parseSelector('(a),(b|c)')).toEqual({ kind: 'and', of: [a, { kind: 'or', of: [b, c] }] });
  });

  it.each<[string, Partial<SelectableFacts>]>([
    ['lockdown=none', { lockdown: '' }],
    ['lockdown=integrity', { lockdown: 'integrity' }],
    ['secureboot=unknown', { secureBoot: undefined }],
    ['secureboot=on', { secureBoot: true }],
    ['secureboot=off', { secureBoot: false }],
    ['modules=on', { modulesDisabled: false }],
    ['modules=off', { modulesDisabled: true }],
    ['signing=off', { sigEnforce: false, lockdown: 'none' }],
    ['signing=enforced', { sigEnforce: true }],
    ['trusts!=*', { signing: undefined }],
    ['trusts!=', { signing: { ...SIGNING, keys: [{ name: '', keyId: '6cce' }] } }],
  ])('the selector %s means a host with the facts %j, and its opposite does not', (selector, changed) => {
    const facts = (): SelectableFacts => ({ ...selectableFacts(), ...changed });
    expect(means(selector, { ...WEB, facts })).toBe(true);
    expect(means(`!(${selector})`, { ...WEB, facts })).toBe(false);
  });

  it.each([
    ['*', []],
    ['env=prod,!(canary | kernel~6.1)', ['env', 'canary', 'kernel']],
    ['!(!role=db)', ['role']],
    ['@a,@b', ['host']],
  ])('the names in %s are %j', (selector, names) => {
    expect([...namesIn(parseSelector(selector))]).toEqual(names);
  });

  it('a selector reads facts only where it names one', () => {
    const facts = (): never => {
      throw new Error('they were read');
    };
    expect(means('env=prod,host=web-1', { ...WEB, facts })).toBe(true);
    expect(() => means('kernel~6', { ...WEB, facts })).toThrow('they were read');
  });

  it('a selector takes no label for a fact', () => {
    expect(means('kernel=fake', { ...WEB, labels: { kernel: 'fake' } })).toBe(false);
    expect(means('host=fake', { ...WEB, labels: { host: 'fake' } })).toBe(false);
  });

  it.each([
    ['env=prod|test', 'env in (prod,test)'],
    ['env!={prod}', 'env!=prod'],
    ['@a,@b,!c', 'host in (a,b),!c'],
    ['kernel~5.10|6.1', 'kernel~{5.10,6.1}'],
    ['(a|b),c', '((a) | (b)),c'],
    ['env=x|(b,c)', 'env=x | (b,c)'],
    ['!!a', 'a'],
    ['!kernel~6.1', 'kernel!~6.1'],
    ['kernel~{6.1}', 'kernel~6.1'],
    ['((*))', '*'],
  ])('%s is written %s', (selector, canonical) => {
    expect(formatSelector(parseSelector(selector))).toBe(canonical);
    expect(formatSelector(parseSelector(canonical))).toBe(canonical);
  });
});

// A model of its own: sets of hosts, computed from the tree without short cuts.

const NAMES = ['a', 'b', 'c', 'host'] as const;
const VALUES = ['x', 'y', 'x.1', 'x.10', ''] as const;
const HOSTS = NAMES.slice(0, 3).flatMap((label, at) =>
  VALUES.map((value, index) => ({ host: `h-${at}-${index}`, labels: { [label]: value, c: 'x' } })),
);

const text = fc.constantFrom(...VALUES.filter(Boolean));
const leaf: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant<Selector>({ kind: 'all' }),
  fc.constantFrom('a', 'b', 'c').map((name): Selector => ({ kind: 'present', name })),
  fc
    .record({
      kind: fc.constantFrom('equal', 'prefix'),
      name: fc.constantFrom(...NAMES),
      values: fc.array(text, { minLength: 1, maxLength: 3 }),
    })
    .map((each): Selector => each as Selector),
);
const { tree } = fc.letrec<{ tree: Selector }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .record({
        kind: fc.constantFrom('and', 'or'),
        of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      })
      .map((each): Selector => each as Selector),
    tie('tree').map((of): Selector => ({ kind: 'not', of })),
  ),
}));

function model(selector: Selector, all: readonly Target[]): Set<Target> {
  switch (selector.kind) {
    case 'all':
      return new Set(all);
    case 'and':
      return selector.of.map(each => model(each, all)).reduce((one, other) => one.intersection(other));
    case 'or':
      return selector.of.map(each => model(each, all)).reduce((one, other) => one.union(other));
    case 'not':
      return new Set(all).difference(model(selector.of, all));
    default:
      return new Set(
        all.filter(({ host, labels }) => {
          const value = selector.name === 'host' ? host : labels[selector.name];
          if (selector.kind === 'present') return value !== undefined;
          if (value === undefined) return false;
          if (selector.kind === 'equal') return selector.values.includes(value);
          return selector.values.some(each =>
            new RegExp(`^${each.replace('.', '\\.')}($|[^A-Za-z0-9])`).test(value),
          );
        }),
      );
  }
}

describe('any selector', () => {
  const targets: Target[] = HOSTS.map(({ host, labels }) => ({
    host,
    labels: labels as Record<string, string>,
    facts: selectableFacts,
  }));

  it('any selector means what sets say, and its written form means the same', () => {
    fc.assert(
      fc.property(tree, selector => {
        const meant = targets.filter(target => selectorMatches(selector, lookupIn(target)));
        expect(new Set(meant)).toEqual(model(selector, targets));
        const written = formatSelector(selector);
        const again = parseSelector(written);
        expect(targets.filter(target => selectorMatches(again, lookupIn(target)))).toEqual(meant);
        expect(formatSelector(again)).toBe(formatSelector(parseSelector(formatSelector(again))));
      }),
      { numRuns: 500 },
    );
  });

  it('a selector of the first language means what it did', () => {
    const term = fc.record({
      label: fc.constantFrom('a', 'b', 'c', 'host', 'in', 'not'),
      operator: fc.constantFrom('=', '!='),
      value: fc.constantFrom(...VALUES, 'h-0-1', 'X_y:z.-'),
    });
    fc.assert(
      fc.property(
        fc.array(term, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...targets),
        (terms, target) => {
          const written = terms
            .map(({ label, operator, value }) => `${label}${operator}${value}`)
            .join(' , ');
          const labels: Record<string, string> = { ...target.labels, host: target.host };
          const expected = terms.every(
            ({ label, operator, value }) => (labels[label] === value) === (operator === '='),
          );
          expect(means(written, target)).toBe(expected);
        },
      ),
    );
  });

  it('any selector is a selector or SELECTOR_INVALID, whatever is written', () => {
    const noise = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            'a',
            'env',
            '=',
            '!',
            '~',
            '|',
            ',',
            '(',
            ')',
            '{',
            '}',
            ' in ',
            ' not in ',
            '@',
            '*',
            '?',
            ' ',
            '1',
            '-',
            'kernel',
          ),
          { maxLength: 30 },
        )
        .map(parts => parts.join('')),
    );
    fc.assert(
      fc.property(noise, written => {
        try {
          const canonical = formatSelector(parseSelector(written));
          expect(formatSelector(parseSelector(canonical))).toBe(canonical);
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
          expect((error as FarcallError).code).toBe('SELECTOR_INVALID');
          expect((error as FarcallError).message.length).toBeLessThan(300);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('expected hosts have the digest of their sorted names', () => {
  // printf 'a\na-1\nb\n' | sha256sum
  const digest = Buffer.from(hostNamesDigest(['b', 'a-1', 'a'])).toString('hex');
  expect(digest).toBe('b0df6cc5b4f330814a74eafc049f9546607dc46d37349fc0bd82135778021ad9');
});
