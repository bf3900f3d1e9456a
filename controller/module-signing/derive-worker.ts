import { parentPort } from 'node:worker_threads';
import { toFarcallError } from '../../shared/errors/index.ts';
import { deriveModule, type ModuleToDerive } from './derive-module.ts';

// Compiles one module at a time, away from the thread that serves everybody else.
parentPort?.on('message', (module: ModuleToDerive) => {
  try {
    parentPort?.postMessage({ derived: deriveModule(module) });
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    parentPort?.postMessage({ failed: { code, message } });
  }
});
