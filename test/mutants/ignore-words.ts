import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** A name of a member, `log`, or of a private one, `#log`. */
interface Name {
  readonly name?: string;
  readonly id?: { readonly name?: string };
}

/** A call, as far as it is read. */
interface Call {
  readonly type: string;
  readonly callee?: {
    readonly type: string;
    readonly name?: string;
    readonly object?: { readonly name?: string; readonly property?: Name };
  };
  readonly arguments?: readonly unknown[];
}

/** What is read of a node of Babel, and of its place in the tree. */
interface Place {
  readonly node: Call & { readonly expression?: Call };
  readonly parentPath: Place | null;
}

/**
 * Why nothing is changed at `place`, where nothing can matter: in the words and the cause of an error, and in
 * what is logged, or whether it is. The code of an error is its first argument, and is changed.
 */
function wordsOf({ node, parentPath }: Place): string | undefined {
  const around = parentPath?.node;
  const { callee, arguments: given = [] } = around ?? {};
  const at = given.indexOf(node);
  if (around?.type === 'NewExpression' && callee?.name?.endsWith('Error') && at > 0)
    return 'the words or the cause of an error';
  if (around && isLogged(around) && at >= 0) return 'what is logged';
  if (node.type === 'ExpressionStatement' && node.expression && isLogged(node.expression))
    return 'a line of the log';
  return undefined;
}

/** `log.warn(…)`, `deps.log.warn(…)` or `this.#log.warn(…)`. */
function isLogged({ type, callee: { object } = { type: '' } }: Call): boolean {
  const { property } = object ?? {};
  return type === 'CallExpression' && (object?.name ?? property?.name ?? property?.id?.name) === 'log';
}

/** Stryker finds it under this name, as the ignorer `words`. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'words', { shouldIgnore: path => wordsOf(path as unknown as Place) }),
];
