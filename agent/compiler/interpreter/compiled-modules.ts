/** The part of the JavaScript API of WebAssembly that is used here; Node's types do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
};

/** Modules that are kept at most, and none over this size: agents stay small. */
const KEPT = 8;
const KEPT_LIMIT_BYTES = 64 << 10;

/** The modules that were used last, by their bytes, the newest at the end. */
const kept = new Map<string, object>();

/**
 * A module of WebAssembly from its bytes. One that was used not long ago is not compiled again: its functions
 * are compiled when they are first called, which costs more than most programs that only read.
 */
export function compiledModule(bytes: Uint8Array): object {
  if (bytes.length > KEPT_LIMIT_BYTES) return new WebAssembly.Module(bytes);
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const module = kept.get(key) ?? new WebAssembly.Module(bytes);
  kept.delete(key);
  kept.set(key, module);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return module;
}
