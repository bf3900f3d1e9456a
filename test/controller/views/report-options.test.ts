import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter, parseGroupBy } from '../../../controller/views/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { EVERY_HOST } from '../../../shared/messages/index.ts';

describe('--filter', () => {
  it('several --filter options are combined by key', () => {
    expect(parseFilter(['outcome=refused,waiting', 'wave=1', 'wave=2,3', 'value=a=b,c'])).toEqual({
      ...EVERY_HOST,
      outcomes: ['refused', 'waiting'],
      waves: [1, 2, 3],
      values: ['a=b,c'],
    });
  });

  it.each(['outcome', 'outcome=lost', 'wave=x', 'wave=1000', 'reason=x', '=x', 'constructor=x', 'wave='])(
    '--filter %j is refused',
    text => {
      expect(() => parseFilter([text])).toThrow(FarcallError);
    },
  );

  it('any --filter text is either a filter or a FarcallError', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.string().map(text => `host=${text}`),
          ),
        ),
        texts => {
          try {
            expect(Object.keys(parseFilter(texts))).toEqual(Object.keys(EVERY_HOST));
          } catch (error) {
            expect(error).toBeInstanceOf(FarcallError);
          }
        },
      ),
    );
  });
});

describe('--group-by', () => {
  it('--group-by takes each known key once, and no other key', () => {
    expect(parseGroupBy('outcome, kernel,outcome')).toEqual(['outcome', 'kernel']);
    for (const wrong of ['', 'host', 'toString'])
      expect(() => parseGroupBy(wrong)).toThrow(/--group-by: .* not one of/);
  });
});
