import { CALLS } from './calls.ts';
import type { Case } from './case.ts';
import { ENDS } from './ends.ts';
import { LANGUAGE } from './language.ts';
import { LIBRARY } from './library.ts';
import { LOCKS } from './locks.ts';
import { MODULES } from './modules.ts';
import { LISTS } from './reads-lists.ts';
import { SYSTEM } from './reads-system.ts';
import { SHAPES, SHAPES_LOAD } from './shapes.ts';
import { STORIES } from './stories.ts';
import { FILE_STORIES } from './stories-files.ts';
import { IDIOM_STORIES } from './stories-idioms.ts';
import { NETWORK_STORIES } from './stories-network.ts';
import { STRUCTURES, WRITES } from './structures.ts';
import { PROCESSES, TASKS } from './tasks.ts';
import { THIS_CPU } from './this-cpu.ts';

/** Everything that every kernel must do. */
export const CASES: readonly Case[] = [
  SHAPES_LOAD,
  ...CALLS,
  ...LANGUAGE,
  ...STRUCTURES,
  ...SYSTEM,
  ...LISTS,
  ...PROCESSES,
  ...TASKS,
  ...THIS_CPU,
  ...WRITES,
  ...ENDS,
  ...LOCKS,
  ...LIBRARY,
  ...STORIES,
  ...FILE_STORIES,
  ...NETWORK_STORIES,
  ...IDIOM_STORIES,
  ...MODULES,
  ...SHAPES,
];
