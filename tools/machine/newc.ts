/** One member of a cpio archive. */
export interface CpioEntry {
  /** Path inside the archive, without a leading slash. */
  path: string;
  /** File type and permissions as in `st_mode`, for example 0o100755 or 0o040755. */
  mode: number;
  /** Content of a file, target of a symbolic link, empty for a directory. */
  data: Uint8Array;
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** A directory of a cpio archive; must stand before what it holds. */
export function cpioDirectory(path: string, permissions = 0o755): CpioEntry {
  return { path, mode: S_IFDIR | permissions, data: new Uint8Array() };
}

/** A regular file of a cpio archive. */
export function cpioFile(path: string, data: Uint8Array | string, permissions = 0o644): CpioEntry {
  return { path, mode: S_IFREG | permissions, data: typeof data === 'string' ? Buffer.from(data) : data };
}

/** A symbolic link of a cpio archive. */
export function cpioSymlink(path: string, target: string): CpioEntry {
  return { path, mode: S_IFLNK | 0o777, data: Buffer.from(target) };
}

/**
 * Packs entries as a cpio archive in the "newc" format, the one that the kernel takes as initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). All files belong to root and have the time 0.
 * Archives may be concatenated: the kernel unpacks one after the other.
 */
export function packNewc(entries: CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => newcMember(entry, index + 1));
  parts.push(...newcMember({ path: 'TRAILER!!!', mode: 0, data: new Uint8Array() }, 0));
  return Buffer.concat(parts);
}

function newcMember({ path, mode, data }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & S_IFDIR) === S_IFDIR ? 2 : 1;
  //              ino    mode  uid gid nlink mtime size       devmajor/minor rdevmajor/minor namesize check
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`;
  return [Buffer.from(header), name, padding(header.length + name.length), data, padding(data.length)];
}

/** Header with name, and data, each end on a multiple of four bytes. */
function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
