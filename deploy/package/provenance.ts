import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Checksums, checksumOf } from '../../shared/release/index.ts';
import { NODE_BINARIES } from './pinned-node.ts';

/** What a statement of provenance is about. */
export interface ProvenanceOptions {
  readonly root: string;
  readonly version: string;
  readonly epochSeconds: number;
  readonly level: number;
  readonly sums: Checksums;
}

/**
 * An in-toto statement (https://in-toto.io/Statement/v1) with SLSA's provenance: of which commit, lock file
 * and Node these files were made. It has no time of its own, so that the same inputs give the same statement.
 */
export async function provenance({ root, version, epochSeconds, level, sums }: ProvenanceOptions) {
  const commit = git(root, 'rev-parse', 'HEAD');
  const isClean = git(root, 'status', '--porcelain') === '';
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...sums].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://farcall.invalid/package/v1',
        externalParameters: { version, sourceDateEpoch: epochSeconds, xzLevel: level },
        internalParameters: { sourcesChangedSinceCommit: !isClean },
        resolvedDependencies: [
          ...(commit === undefined ? [] : [{ name: 'farcall', digest: { gitCommit: commit } }]),
          {
            name: 'package-lock.json',
            digest: { sha256: await checksumOf(join(root, 'package-lock.json')) },
          },
          ...Object.entries(NODE_BINARIES.sha256).map(([cpu, sha256]) => ({
            name: `node-linux-${cpu}`,
            digest: { sha256 },
          })),
        ],
      },
      runDetails: { builder: { id: 'https://farcall.invalid/npm-run-package' } },
    },
  };
}

/** What git prints, without the last line end; undefined outside of a repository. */
export function git(root: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
