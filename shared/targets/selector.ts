/**
 * Which hosts are meant. The language, from loose to tight:
 *
 *     union         a | b         hosts that either means
 *     intersection  a , b         hosts that both mean; a difference is  a , !b
 *     negation      !a            hosts that a does not mean
 *     group         ( a | b )
 *
 *     env=prod      env!=prod     env=prod|test     env in (prod,test)     env not in (prod,test)
 *     canary        !canary       the label is there, or is not
 *     kernel~6.1    kernel!~6.1   6.1 and 6.1.0-18-amd64, not 6.10: no letter or digit may follow
 *     host=web-*                  * stands for any characters, ? for one
 *     @web-1,@web-2               these hosts, by name; here a comma means "or"
 *     *                           every host
 *
 * A bare name right behind `|` is one more value of the comparison before it (`env=prod|test`); to ask there
 * for a label, put it in parentheses or first. A host without a label differs from every value of it: it is
 * in `env!=prod`.
 */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Selector[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'present'; readonly name: string }
  | Comparison;

/** One label or fact held against values; it holds where one of them fits. */
export interface Comparison {
  readonly kind: 'equal' | 'prefix';
  readonly name: string;
  /** Of `equal`, with the wildcards * and ?; of `prefix`, beginnings. At least one. */
  readonly values: readonly string[];
}

/** The selector of every host. */
export const ALL: Selector = { kind: 'all' };

/** Both, or either; what is of the same kind already is taken apart, so that one meaning has one tree. */
export function joined(kind: 'and' | 'or', parts: readonly Selector[]): Selector {
  const of = parts.flatMap(part => (part.kind === kind ? part.of : [part]));
  return of.length === 1 ? of[0]! : { kind, of };
}

/** The hosts that `of` does not mean. */
export function negated(of: Selector): Selector {
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

/** The labels and facts that `selector` asks for. */
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
