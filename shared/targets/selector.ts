/**
 * An expression that chooses hosts. The language, from the loosest binding to the tightest:
 *
 *     union         a | b         hosts that a or b matches
 *     intersection  a , b         hosts that a and b match; a difference is  a , !b
 *     negation      !a            hosts that a does not match
 *     group         ( a | b )
 *
 *     env=prod      env!=prod     env=prod|test     env in (prod,test)     env not in (prod,test)
 *     canary        !canary       the label is there, or is not
 *     kernel~6.1    kernel!~6.1   6.1 and 6.1.0-18-amd64, not 6.10: no letter or digit may follow
 *     host=web-*                  * stands for any characters, ? for one
 *     @web-1,@web-2               these hosts, by name; here a comma means "or"
 *     *                           every host
 *
 * A bare name right after `|` is one more value of the comparison before it (`env=prod|test`); to ask there
 * for a label, put it in parentheses or first. A host without a label differs from every value of it: it is
 * in `env!=prod`.
 */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Selector[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'present'; readonly name: string }
  | Comparison;

/** A label or fact compared with values. It holds if one of them fits. */
export interface Comparison {
  readonly kind: 'equal' | 'prefix';
  readonly name: string;
  /** At least one: for `equal` with the wildcards * and ?, for `prefix` beginnings. */
  readonly values: readonly string[];
}

/** The selector that matches every host. */
export const ALL: Selector = { kind: 'all' };

/**
 * The intersection (`and`) or union (`or`) of `parts`. Nested parts of the same kind are flattened, so that
 * one meaning has one tree.
 */
export function joined(kind: 'and' | 'or', parts: readonly Selector[]): Selector {
  const of = parts.flatMap(part => (part.kind === kind ? part.of : [part]));
  return of.length === 1 ? of[0]! : { kind, of };
}

/** A selector of the hosts that `of` does not match. */
export function negated(of: Selector): Selector {
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

/** The names of labels and facts that `selector` contains. */
export function namesIn(selector: Selector): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (each: Selector): void => {
    if ('name' in each) names.add(each.name);
    else if (each.kind === 'not') visit(each.of);
    else if (each.kind !== 'all') each.of.forEach(visit);
  };
  visit(selector);
  return names;
}
