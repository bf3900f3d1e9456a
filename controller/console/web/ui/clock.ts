import { useSyncExternalStore } from 'react';

let aheadMs = 0;
let nowMs = Date.now();
const told = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Says what the server's clock shows, so that times are right on a machine whose clock is not. */
export function setServerTime(serverMs: number): void {
  aheadMs = serverMs - Date.now();
  tick();
}

/** The server's time, again each second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => nowMs);
}

function watch(onTick: () => void): () => void {
  told.add(onTick);
  timer ??= setInterval(tick, 1000);
  return () => {
    told.delete(onTick);
    if (told.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  nowMs = Date.now() + aheadMs;
  for (const onTick of told) onTick();
}
