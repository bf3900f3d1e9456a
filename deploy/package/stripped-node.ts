import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Cpu } from './cpus.ts';
import { npmPackage } from './npm-package.ts';
import { checkDigest, NODE_BINARIES } from './pinned-node.ts';
import { run } from './run.ts';

/**
 * The path of the pinned Node for `cpu` without its symbols, which are a seventh of it. It is made once, into
 * .cache.
 *
 * Threat: this binary runs as root on every host. It is made of the binary whose digest the sources name.
 */
export function strippedNode(root: string, { node, strip }: Cpu): string {
  const digest = NODE_BINARIES.sha256[node]!;
  const target = join(root, '.cache', 'stripped-node', `${node}-${digest.slice(0, 16)}`);
  if (existsSync(target)) return target;
  const source = join(npmPackage(root, `node-linux-${node}`), 'bin', 'node');
  checkDigest(source, digest);
  mkdirSync(join(target, '..'), { recursive: true });
  const draft = `${target}-${process.pid}`;
  run(strip, ['-o', draft, source]);
  renameSync(draft, target);
  return target;
}
