import { unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Removes the socket file of a controller that died. Leaves it if a process still accepts connections there.
 */
export async function removeStaleSocket(address: string): Promise<void> {
  if (!address.startsWith('unix:')) return;
  const path = address.slice('unix:'.length);
  const state = await new Promise<string | undefined>(resolve => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('ALIVE');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  if (state === 'ECONNREFUSED') unlinkSync(path);
}
