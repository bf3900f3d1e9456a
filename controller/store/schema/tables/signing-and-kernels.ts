/** The tables of module signing and of kernels, in SQLite's spelling; their types follow. */
export const SIGNING_AND_KERNELS_SQL = `
  create table module_signatures (
    request_id text not null references requests (id),
    host text not null,
    attempt integer not null,
    image text not null,
    facts text not null,
    key_id text not null,
    signature blob not null,
    signed_at_ms integer not null,
    primary key (request_id, host, attempt, image)
  ) strict;

  create table kernel_facts (
    build text not null,
    digest text not null,
    facts text not null,
    host text not null,
    reported_at_ms integer not null,
    mac blob not null,
    primary key (build, digest)
  ) strict;

  create table kernel_types (
    release text not null,
    version text not null,
    arch text not null,
    digest blob not null check (length(digest) = 32),
    packed blob not null,
    functions integer not null,
    host text not null,
    fetched_at_ms integer not null,
    mac blob not null,
    primary key (release, version, arch)
  ) strict;
`;

/** Signatures of modules that the controller made. Digests are hex. */
export interface ModuleSignaturesTable {
  request_id: string;
  host: string;
  attempt: number;
  /** SHA-256 of the unsigned module, and of the BuildFacts that it was compiled from. */
  image: string;
  facts: string;
  /** The certificate, as kernels name its key. */
  key_id: string;
  /** DER of the SignedData. */
  signature: Uint8Array;
  signed_at_ms: number;
}

/**
 * Facts that hosts reported about kernel builds when modules were compiled for them; only what was new each
 * time.
 */
export interface KernelFactsTable {
  build: string;
  /** SHA-256 of `facts`, in hex. */
  digest: string;
  /** Lines of a name, a tab, and a value. */
  facts: string;
  /** The host that reported it first. */
  host: string;
  reported_at_ms: number;
  mac: Uint8Array;
}

/** Types and names of each kernel build, as one host reported them, to check programs by. */
export interface KernelTypesTable {
  release: string;
  version: string;
  arch: string;
  /** SHA-256 of `packed`, a packed KernelTypes. */
  digest: Uint8Array;
  packed: Uint8Array;
  /** How many functions its types know. */
  functions: number;
  /** Which host reported it. */
  host: string;
  fetched_at_ms: number;
  mac: Uint8Array;
}
