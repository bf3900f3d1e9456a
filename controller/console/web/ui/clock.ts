import { useSyncExternalStore } from 'react';

let aheadMs = 0;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Sets the server's time, so that times are right on a machine whose clock is wrong. */
export function setServerTime(serverMs: number): void {
  aheadMs = serverMs - Date.now();
  tick();
}

/** The server's time, updated each second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => nowMs);
}

function watch(onTick: () => void): () => void {
  listeners.add(onTick);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(onTick);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  nowMs = Date.now() + aheadMs;
  for (const onTick of listeners) onTick();
}
