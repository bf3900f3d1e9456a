import { HOST_FILES, type HostFiles, readOptionalHostText } from './host-files/index.ts';

/** The names that farcall gives its modules: of attempts (`moduleNameOf`) and of `farcall-agent call`. */
const OWN_MODULE = /^(farcall_(?:[0-9a-f]{16}|call)_[0-9]+) .* (Live|Loading|Unloading) /gm;

/**
 * Names of the modules of farcall's that are in the kernel now and have not stayed by themselves, by
 * /proc/modules: the one that runs, and those whose call died in an oops, which stay as `Loading` until the
 * next boot.
 *
 *     farcall_1b7061d94d28e595_1 16384 1 - Loading 0xffffffffc0a05000 (OE+)
 */
export function ownModules(files: HostFiles = HOST_FILES): string[] {
  return modulesIn(files, state => state !== 'Live');
}

/** Names of the modules of farcall's that stay in the kernel, because something is denied by them. */
export function residentModules(files: HostFiles = HOST_FILES): string[] {
  return modulesIn(files, state => state === 'Live');
}

function modulesIn(files: HostFiles, takes: (state: string) => boolean): string[] {
  const text = readOptionalHostText(`${files.proc}/modules`) ?? '';
  return [...text.matchAll(OWN_MODULE)].flatMap(([, name = '', state = '']) => (takes(state) ? [name] : []));
}
