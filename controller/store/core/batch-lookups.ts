/** Most keys in one query. */
const KEYS_LIMIT = 256;

/**
 * A look-up of single keys that asks `many` for all those that were asked for at one moment: when a fleet
 * answers at once, a query for each host costs more than everything else that is done for it. Each key has
 * its own promise; where `many` throws, all of them do.
 */
export function batchLookups<V>(
  many: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
): (key: string) => Promise<V | undefined> {
  let waiting = new Map<string, PromiseWithResolvers<V | undefined>>();
  const run = async (group: typeof waiting): Promise<void> => {
    try {
      const found = await many([...group.keys()]);
      for (const [key, { resolve }] of group) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of group.values()) reject(error);
    }
  };
  const flush = (): void => {
    const group = waiting;
    waiting = new Map();
    if (group.size > 0) void run(group);
  };
  return key => {
    const asked = waiting.get(key) ?? Promise.withResolvers<V | undefined>();
    if (waiting.size === 0) setImmediate(flush);
    waiting.set(key, asked);
    if (waiting.size >= KEYS_LIMIT) flush();
    return asked.promise;
  };
}
