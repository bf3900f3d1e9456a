import { scalarLayout, type TypedExpression } from '../check/index.ts';
import type { ScalarBytes, Temp } from './blocks/index.ts';
import { lowerValue, normalise } from './lower-expression.ts';
import { addressOf, faultUnlessAligned, resolveLvalue } from './lower-lvalue.ts';
import type { Lowering } from './lowering.ts';
import { recordWrite } from './record-write.ts';

/**
 * `cmpxchg`, `xchg` and `__atomic_fetch_add`: a compare-and-exchange with what was just read, until nobody
 * else was faster. Every turn costs fuel.
 */
export function lowerAtomic(
  lowering: Lowering,
  { lvalue, expected, operand, given, desired, old, type, at }: Extract<TypedExpression, { kind: 'atomic' }>,
): Temp {
  const { builder } = lowering;
  const bytes = scalarLayout(type)!.sizeBytes as ScalarBytes;
  const resolved = resolveLvalue(lowering, lvalue);
  const address = addressOf(lowering, resolved);
  const wanted = expected && lowerValue(lowering, expected);
  lowering.olds.set(given, lowerValue(lowering, operand));
  if (bytes > 1) faultUnlessAligned(lowering, { address, bytes, sourceOffset: at });
  const found = builder.temp();
  const [again, done] = [builder.block(), builder.block()];
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', sourceOffset: at });
  const raw = builder.temp();
  builder.emit({ op: 'read', to: raw, address, bytes, sourceOffset: at });
  builder.emit({ op: 'copy', to: found, from: normalise(builder, type, raw) });
  lowering.olds.set(old, found);
  if (wanted !== undefined) {
    const same = builder.block();
    builder.branchInto(builder.binary('eq', found, wanted), same, done);
  }
  const to = builder.temp();
  const stored = lowerValue(lowering, desired);
  builder.emit({ op: 'exchange', to, address, expected: raw, desired: stored, bytes, sourceOffset: at });
  const written = builder.block();
  builder.terminate({ op: 'branch', condition: to, then: written, otherwise: again });
  builder.enter(written);
  if (resolved.kind === 'memory')
    recordWrite(lowering, { address, before: raw, after: stored, type, bytes, isUnit: false, at });
  builder.jumpInto(done);
  return found;
}
