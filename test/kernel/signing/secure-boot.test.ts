import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from '../../../deploy/demo/guest-host.ts';
import { hostsHeard } from '../../../deploy/demo/hosts-heard.ts';
import { farcall, mustFarcall } from '../../../deploy/demo/operator.ts';
import { type Site, startSite } from '../../../deploy/demo/site.ts';
import type { ModuleKeySource } from '../../../shared/cms/index.ts';
import type { Firmware } from '../../../tools/machine/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { derOf, makeModuleKey } from '../../kit/keys/module-key-kit.ts';
import { guestScript, keepCompiled } from '../support/guest-script.ts';
import type { StepReport } from './guest-loads.ts';

const SCRIPT = fileURLToPath(new URL('guest-loads.ts', import.meta.url));

/** What may be denied here, too. */
const POLICY = {
  effects: ['read', 'call', 'deny'],
  probes: { allow: 'deny', denies: { functions: { allow: ['security_inode_mkdir'] } } },
};

/** Arguments by which busybox and perl make a directory and remove it. */
const MAKE = ['sh', '-c', 'busybox mkdir /tmp/denied && busybox rmdir /tmp/denied'];
const MAKE_BY_PERL = ['-e', 'mkdir "/tmp/denied" or exit 1; rmdir "/tmp/denied"'];

const TAKES_ECDSA = { '6.1': false, '6.12': true, '7.2': true };

describe('kernels with Secure Boot on, and a controller that signs their modules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-secure-'));
  const keys = mkdtempSync(join(tmpdir(), 'farcall-secure-keys-'));
  let site: Site;
  let ours: ModuleKeySource;
  let other: ModuleKeySource;
  let ecdsa: ModuleKeySource;

  beforeAll(async () => {
    ours = { key: join(keys, 'module.key'), certificateFile: join(keys, 'module.pem') };
    const files = ['--out', ours.key, '--certificate', ours.certificateFile];
    await mustFarcall(['signing', 'key', 'new', '--name', 'fleet-2026', ...files]);
    other = makeModuleKey(keys, 'other');
    ecdsa = makeModuleKey(keys, 'ecdsa-2026', 'p-256');
    const controller = { hostSilenceMs: 2000, moduleSigning: ours };
    site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS, controller });
  });
  afterAll(async () => {
    await site?.stop();
    for (const each of [folder, keys]) rmSync(each, { recursive: true, force: true });
  });

  const alice = () => ({ configFile: site.configOf('alice') });

  /** Asks, has it approved, and waits for the end: what the one host says. */
  async function outcomeOf(program: string, host: string, ...options: string[]) {
    const asked = ['request', program, '--hosts', `host=${host}`, '--reason', 'test', '--yes', '--json'];
    const request = [...asked, ...options];
    const { id, digest } = JSON.parse(await mustFarcall(request, alice()));
    for (const person of ['bob', 'carol'] as const)
      await mustFarcall(['approve', id, '--yes', '--digest', digest], { configFile: site.configOf(person) });
    await farcall(['watch', id], alice());
    const { stdout } = await farcall(['report', id, '--json'], alice());
    return { id, ...JSON.parse(stdout).hosts[0] };
  }

  describe.each(['6.1', '6.12', '7.2'] as const)('Debian %s', series => {
    const name = `vm-${series.replace('.', '-')}`;
    let guest: GuestHost;

    beforeAll(async () => {
      const firmware = { db: [derOf(ours), derOf(ecdsa)], secureBoot: true } satisfies Firmware;
      guest = await startGuestHost({ site, name, series, labels: {}, firmware, policy: POLICY });
      await eventually(`${name} is known`, () => hostsHeard(folder).includes(name), { pauseMs: 300 });
    });
    afterAll(async () => {
      await guest?.machine.kill();
    });

    test('an approved call runs, because the controller signed its module', async () => {
      const { id, outcome, result } = await outcomeOf('_printk("Hello, world %d\\n", 1234)', name);
      expect(result?.error).toBeFalsy();
      expect(outcome).toBe('returned');
      expect(result.value.text).toBe('(int)17');
      const log = await mustFarcall(['audit', 'show', '--json', '--request', id], alice());
      expect(log).toContain('module-signed');
      expect(log).toContain(result.moduleDigest);
      const check = await mustFarcall(['signing', 'hosts', ours.certificateFile, `host=${name}`], alice());
      expect(check).toMatch(/enforced +integrity +on +yes/);
      expect(check).toContain('1 host enforces signatures: 1 trust fleet-2026');
    });

    test('the kernel refuses what is unsigned, signed by others, or changed', async () => {
      const files = [ours, other, ecdsa].flatMap(({ key, certificateFile }) => [key, certificateFile]);
      const command = [...(await guestScript(guest.machine, SCRIPT)), ...files];
      const [report] = JSON.parse(await guest.machine.output(command)) as [StepReport];
      await keepCompiled(guest.machine, SCRIPT);
      expect(report.facts).toMatchObject({
        sigEnforce: true,
        lockdown: 'integrity',
        secureBoot: true,
      });
      expect(report.loads).toMatchObject({
        unsigned: { outcome: 'load-error', code: 'MODULE_UNSIGNED' },
        signed: { outcome: 'returned' },
        otherKey: { outcome: 'load-error', code: 'MODULE_KEY_UNKNOWN' },
        tampered: { outcome: 'load-error', code: 'MODULE_SIGNATURE' },
        brokenDer: { outcome: 'load-error', code: 'MODULE_SIGNATURE' },
        ecdsa: TAKES_ECDSA[series] ? { outcome: 'returned' } : { outcome: 'load-error' },
      });
    });

    // On one kernel: test/kernel/deny.test.ts has what differs between them.
    test.runIf(series === '6.12')(
      'a deny is a signed module that stays, is taken over after a crash of the agent, and ends by an abort',
      async () => {
        const { machine } = guest;
        // Only for processes whose name begins with `bu`.
        const condition = 'current->comm[0] == 98 && current->comm[1] == 117';
        const program = `deny (security_inode_mkdir, -EPERM) for_hours (1) while (${condition});`;
        const { id, outcome, result } = await outcomeOf(program, name, '--effect', 'deny');
        expect(result?.error).toBeFalsy();
        expect(outcome).toBe('returned');
        const make = (program: string) =>
          machine.run([program, ...(program === 'perl' ? MAKE_BY_PERL : MAKE)]);
        expect((await make('busybox')).stderr).toContain('Operation not permitted');
        expect((await make('perl')).exitCode).toBe(0);
        const listed = async () => JSON.parse(await mustFarcall(['probes', '--json'], alice()));
        await eventually(`the deny on ${name} is listed with who met it`, async () =>
          JSON.stringify(await listed()).includes('"comm":"busybox"'),
        );
        expect(await listed()).toMatchObject([
          { host: name, requestId: id, function: 'security_inode_mkdir', hits: 1, callers: [{ uid: 0 }] },
        ]);
        await guest.killAgent();
        expect((await make('busybox')).stderr).toContain('Operation not permitted');
        await guest.startAgent();
        await eventually('the agent takes the deny over', () =>
          readFileSync(join(folder, `${name}.log`), 'utf8').includes('the agent takes them over'),
        );
        await mustFarcall(['abort', id, '--reason', 'test', '--yes'], alice());
        await eventually('the module is taken out', async () => (await guest.modulesLeft()).length === 0);
        expect((await make('busybox')).exitCode).toBe(0);
        await eventually(`nothing is denied on ${name}`, async () => (await listed()).length === 0);
      },
    );

    test.runIf(series === '6.12')(
      'where memory is closed too, what only reads runs as a signed module',
      async () => {
        await guest.machine.output('echo confidentiality > /sys/kernel/security/lockdown');
        const { outcome, result } = await outcomeOf('find_task(1)->pid', name);
        expect(result?.error).toBeFalsy();
        expect(outcome).toBe('returned');
        expect(result.value.text).toContain('1');
        expect(result.moduleDigest).toMatch(/^[0-9a-f]{64}$/);
      },
    );
  });
});
