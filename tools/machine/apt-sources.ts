import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One archive that a machine's apt configuration names: an address and the suites taken from it. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
}

const DEBIAN_SUITES =
  /^(?:buster|bullseye|bookworm|trixie|forky|sid|(?:old){0,2}stable|testing|unstable)(?:-updates|-backports)?$/;

/**
 * Reads apt's one-line format. A line looks like
 *
 *     deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://host/debian bookworm main contrib
 */
export function parseOneLineSources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const [, uri = '', suite = '', components = ''] = match;
    sources.push({ uri, suites: [suite], components: words(components) });
  }
  return sources;
}

/**
 * Reads apt's deb822 format: stanzas of `Field: value` separated by empty lines, a value continued by lines
 * that begin with a space, `#` beginning a comment line. Stanzas that are disabled or hold only sources are
 * left out.
 */
export function parseDeb822Sources(text: string): AptSource[] {
  const uncommented = text.replace(/^#.*\n?/gm, '');
  return uncommented.split(/\n\s*\n/).flatMap(stanza => {
    const fields = deb822Fields(stanza);
    if (!words(fields.get('types')).includes('deb') || fields.get('enabled')?.trim() === 'no') return [];
    const suites = words(fields.get('suites'));
    const components = words(fields.get('components'));
    return words(fields.get('uris')).map(uri => ({ uri, suites, components }));
  });
}

function deb822Fields(stanza: string): Map<string, string> {
  const unfolded = stanza.replace(/\n[ \t]+/g, ' ');
  const fields = new Map<string, string>();
  for (const line of unfolded.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1));
  }
  return fields;
}

/**
 * The address of the Debian archive among `sources`: the first that gives a Debian suite (not a security
 * suite) with the component main. Undefined when none does.
 */
export function debianArchiveOf(sources: AptSource[]): string | undefined {
  return sources.find(
    source => source.components.includes('main') && source.suites.some(suite => DEBIAN_SUITES.test(suite)),
  )?.uri;
}

/** The address of the Debian archive that this machine uses, read from its apt sources below `etcApt`. */
export async function findDebianArchive(etcApt = '/etc/apt'): Promise<string> {
  const parts = join(etcApt, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort();
  const sources = parseOneLineSources(await readIfAny(join(etcApt, 'sources.list')));
  for (const name of names) {
    if (name.endsWith('.list')) sources.push(...parseOneLineSources(await readIfAny(join(parts, name))));
    if (name.endsWith('.sources')) sources.push(...parseDeb822Sources(await readIfAny(join(parts, name))));
  }
  const uri = debianArchiveOf(sources);
  if (uri) return uri;
  throw new Error(
    `no Debian archive in ${etcApt}/sources.list or ${parts}: the test kernels are Debian's, so one of them must ` +
      'name a Debian suite with the component main',
  );
}

async function readIfAny(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}
