import type { Page } from 'playwright-core';

/** A simulated security key, as in Chromium's developer tools. */
export interface VirtualKey {
  /** How many passkeys the key has. */
  passkeys(): Promise<number>;
  /** Whether the key verifies its user from now on. */
  setUserVerified(isVerified: boolean): Promise<void>;
}

/** Plugs a key into the browser of `page`; every page of that visitor has it. */
export async function plugInKey(page: Page): Promise<VirtualKey> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async passkeys() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.length;
    },
    async setUserVerified(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}
