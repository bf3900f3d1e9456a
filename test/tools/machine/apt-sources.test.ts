import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  debianArchiveOf,
  findDebianArchive,
  parseDeb822Sources,
  parseOneLineSources,
} from '../../../tools/machine/apt-sources.ts';

describe('the one-line format', () => {
  test.each([
    [
      'plain',
      'deb http://mirror.test/debian bookworm main contrib',
      { uri: 'http://mirror.test/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
    ],
    [
      'options in brackets',
      'deb [arch=amd64 signed-by=/k.gpg] https://mirror.test/debian sid main',
      { uri: 'https://mirror.test/debian', suites: ['sid'], components: ['main'] },
    ],
    [
      'a comment behind',
      '  deb http://mirror.test/debian trixie main # the mirror',
      { uri: 'http://mirror.test/debian', suites: ['trixie'], components: ['main'] },
    ],
  ])('a line is read in the form: %s', (_name, line, source) => {
    expect(parseOneLineSources(`${line}\n`)).toEqual([source]);
  });

  test('comments and source packages give nothing', () => {
    expect(
      parseOneLineSources('# deb http://a.test/debian sid main\ndeb-src http://b.test/debian sid main\n'),
    ).toEqual([]);
  });
});

describe('the deb822 format', () => {
  test('several addresses share suites and components, comments may stand between fields', () => {
    const text = [
      'Types: deb deb-src',
      '# http://snapshot.test/20250520T000000Z',
      'URIs: http://a.test/debian http://b.test/debian',
      'Suites: bookworm',
      ' bookworm-updates',
      'components: main',
    ].join('\n');
    expect(parseDeb822Sources(text)).toEqual(
      ['http://a.test/debian', 'http://b.test/debian'].map(uri => ({
        uri,
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
      })),
    );
  });

  test('disabled stanzas and those of source packages give nothing', () => {
    const disabled = 'Types: deb\nURIs: http://a.test/debian\nSuites: sid\nComponents: main\nEnabled: no\n';
    const sources = 'Types: deb-src\nURIs: http://b.test/debian\nSuites: sid\nComponents: main\n';
    expect(parseDeb822Sources(`${disabled}\n${sources}`)).toEqual([]);
  });
});

describe('the archive of this machine', () => {
  test('the archive of this machine is neither the security archive nor a third party', () => {
    const sources = parseOneLineSources(
      [
        'deb http://vendor.test/apt cloud-sdk-bookworm main',
        'deb http://mirror.test/debian-security bookworm-security main',
        'deb http://mirror.test/debian bookworm main',
      ].join('\n'),
    );
    expect(debianArchiveOf(sources)).toBe('http://mirror.test/debian');
  });

  test('the archive of this machine is found in sources.list.d, disabled files left out', async () => {
    const etcApt = await mkdtemp(join(tmpdir(), 'farcall-apt-'));
    onTestFinished(() => rm(etcApt, { recursive: true }));
    await mkdir(join(etcApt, 'sources.list.d'));
    const write = (name: string, text: string) => writeFile(join(etcApt, 'sources.list.d', name), text);
    await write('a.list.disabled', 'deb http://wrong.test/debian sid main\n');
    await write('b.sources', 'Types: deb\nURIs: http://right.test/debian\nSuites: sid\nComponents: main\n');
    expect(await findDebianArchive(etcApt)).toBe('http://right.test/debian');
  });

  test('the archive of this machine that names no Debian suite is refused with what to do', async () => {
    await expect(findDebianArchive('/nonexistent')).rejects.toThrow(
      /no Debian archive in \/nonexistent.*must name/,
    );
  });
});
