/**
 * Runs `run` for each of `items` in their order, `atOnce` of them at a time, from the first question on:
 * tests look at one run while the next goes on. Gives the run of an item; a failure is that item's alone.
 */
export function runsAhead<Item, Run>(
  items: readonly Item[],
  run: (item: Item) => Promise<Run>,
  atOnce: number,
): (item: Item) => Promise<Run> {
  const runs = new Map(items.map(item => [item, Promise.withResolvers<Run>()]));
  for (const { promise } of runs.values()) promise.catch(() => {});
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++]!;
      const { resolve, reject } = runs.get(item)!;
      await run(item).then(resolve, reject);
    }
  };
  let started = false;
  return item => {
    if (!started) for (let worker = 0; worker < atOnce; worker++) void work();
    started = true;
    return runs.get(item)!.promise;
  };
}
