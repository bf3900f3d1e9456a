import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../controller/config/index.ts';
import { checkSite, makeSite, renewSite, SITE_FILES } from '../../../controller/site/index.ts';
import { isLoopback } from '../../../shared/tls/index.ts';
import { codeOf } from '../../kit/controller-kit.ts';

const SITE = {
  name: 'ctl-1',
  hosts: ['ctl.example.org', '10.0.0.5'],
  brokerHosts: ['broker.example.org', '2001:db8::5'],
  listen: '0.0.0.0',
  apiPort: 7440,
  brokerPort: 4222,
};
const DAY_MS = 86_400_000;

describe('a site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-make-site-'));
  const nowMs = Date.now();
  beforeAll(() => makeSite(folder, SITE, nowMs));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (name: keyof typeof SITE_FILES): string =>
    readFileSync(join(folder, SITE_FILES[name]), 'utf8');

  it('a site is its owner’s alone', () => {
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const { mode } = statSync(join(file.parentPath, file.name));
      expect([file.name, mode & 0o077]).toEqual([file.name, 0]);
    }
  });

  it('a site has certificates for the names it was told, by its own authority', () => {
    const authority = new X509Certificate(read('authority'));
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    const api = new X509Certificate(read('apiCertificate'));
    const broker = new X509Certificate(read('brokerCertificate'));
    for (const certificate of [api, broker]) {
      expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
      expect(certificate.ca).toBe(false);
      const lifeMs = certificate.validToDate.getTime() - nowMs;
      expect(Math.round(lifeMs / DAY_MS)).toBe(397);
    }
    expect([api.checkHost('ctl.example.org'), api.checkIP('10.0.0.5')]).toEqual([
      'ctl.example.org',
      '10.0.0.5',
    ]);
    expect([api.checkHost('broker.example.org'), broker.checkIP('10.0.0.5')]).toEqual([undefined, undefined]);
    expect(broker.checkIP('2001:db8::5')).toBe('2001:db8::5');
  });

  it('a site has a configuration that a controller reads', () => {
    const config = readConfig(join(folder, SITE_FILES.config));
    expect(config.nats.servers).toEqual(['tls://broker.example.org:4222']);
    expect(config.enrolment).toMatchObject({ address: 'ctl.example.org:7440', credentialLifeMs: 7 * DAY_MS });
    expect(config.listen).toBe('0.0.0.0:7440');
  });

  it('a site gives a controller that runs neither the authority nor the seeds of the broker', () => {
    const { operator, account, system } = JSON.parse(read('seeds'));
    const running = Object.values(SITE_FILES)
      .filter(name => !name.startsWith('offline/') && name !== SITE_FILES.store && name !== SITE_FILES.roots)
      .map(name => readFileSync(join(folder, name), 'utf8'))
      .join('');
    const authorityKey = read('authorityKey').split('\n')[1] ?? '';
    for (const secret of [operator, account, system, authorityKey])
      expect(running.includes(secret)).toBe(false);
  });

  it('a site is renewed by the same authority for the same names', async () => {
    const before = {
      authority: read('authority'),
      api: read('apiCertificate'),
      broker: read('brokerConfig'),
    };
    await renewSite(folder, nowMs + 300 * DAY_MS);
    expect([read('authority'), read('brokerConfig')]).toEqual([before.authority, before.broker]);
    expect(read('apiCertificate')).not.toBe(before.api);
    const api = new X509Certificate(read('apiCertificate'));
    expect(api.verify(new X509Certificate(before.authority).publicKey)).toBe(true);
    expect(api.checkHost('ctl.example.org')).toBe('ctl.example.org');
  });

  it('a site that is renewed with more names keeps the old ones, and tells hosts the first', async () => {
    const more = { hosts: ['ctl.new.example.org', 'ctl.example.org'], brokerHosts: ['10.0.0.7'] };
    const site = await renewSite(folder, nowMs + 301 * DAY_MS, more);
    expect(site.hosts).toEqual([...SITE.hosts, 'ctl.new.example.org']);
    const [api, broker] = (['apiCertificate', 'brokerCertificate'] as const).map(
      name => new X509Certificate(read(name)),
    );
    expect(api?.checkHost('ctl.example.org')).toBe('ctl.example.org');
    expect(api?.checkHost('ctl.new.example.org')).toBe('ctl.new.example.org');
    expect(broker?.checkIP('10.0.0.7')).toBe('10.0.0.7');
    // The next renewal keeps them without being told.
    expect((await renewSite(folder, nowMs + 302 * DAY_MS)).brokerHosts).toContain('10.0.0.7');
    expect(await codeOf(renewSite(folder, nowMs, { hosts: ['a b'] }))).toBe('CONFIG_INVALID');
  });

  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['LOCALHOST', true],
    ['ctl.example.org', false],
    ['10.127.0.1', false],
    ['localhost.example.org', false],
  ])('whether %s is this machine itself: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is);
  });

  it('a site is not made over another one, and not with names that are none', async () => {
    expect(await codeOf(makeSite(folder, SITE, nowMs))).toBe('CONFIG_INVALID');
    for (const change of [
      { hosts: [] },
      { hosts: ['a b'] },
      { apiPort: 0 },
      { name: 'Ctl 1' },
      { listen: '' },
    ])
      expect(() => checkSite({ ...SITE, ...change })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
  });
});
