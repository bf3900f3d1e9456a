import { constants } from 'node:os';

/** Second names that Linux gives to a number; the first name in the kernel is used. */
const ALIASES = new Set(['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP']);

/**
 * Numbers of the kernel's own, which user space should never see, but which functions that are called
 * directly return (include/linux/errno.h, v6.12).
 */
const INTERNAL: Readonly<Record<number, string>> = {
  512: 'ERESTARTSYS',
  513: 'ERESTARTNOINTR',
  514: 'ERESTARTNOHAND',
  515: 'ENOIOCTLCMD',
  516: 'ERESTART_RESTARTBLOCK',
  517: 'EPROBE_DEFER',
  518: 'EOPENSTALE',
  519: 'ENOPARAM',
  521: 'EBADHANDLE',
  522: 'ENOTSYNC',
  523: 'EBADCOOKIE',
  524: 'ENOTSUPP',
  525: 'ETOOSMALL',
  526: 'ESERVERFAULT',
  527: 'EBADTYPE',
  528: 'EJUKEBOX',
  529: 'EIOCBQUEUED',
  530: 'ERECALLCONFLICT',
  531: 'ENOGRACE',
};

/** Numbers of include/uapi/asm-generic/errno.h (v6.12) that Node does not name. */
const UNNAMED: Readonly<Record<number, string>> = {
  15: 'ENOTBLK',
  44: 'ECHRNG',
  45: 'EL2NSYNC',
  46: 'EL3HLT',
  47: 'EL3RST',
  48: 'ELNRNG',
  49: 'EUNATCH',
  50: 'ENOCSI',
  51: 'EL2HLT',
  52: 'EBADE',
  53: 'EBADR',
  54: 'EXFULL',
  55: 'ENOANO',
  56: 'EBADRQC',
  57: 'EBADSLT',
  59: 'EBFONT',
  64: 'ENONET',
  65: 'ENOPKG',
  66: 'EREMOTE',
  68: 'EADV',
  69: 'ESRMNT',
  70: 'ECOMM',
  73: 'EDOTDOT',
  76: 'ENOTUNIQ',
  77: 'EBADFD',
  78: 'EREMCHG',
  79: 'ELIBACC',
  80: 'ELIBBAD',
  81: 'ELIBSCN',
  82: 'ELIBMAX',
  83: 'ELIBEXEC',
  85: 'ERESTART',
  86: 'ESTRPIPE',
  87: 'EUSERS',
  94: 'ESOCKTNOSUPPORT',
  96: 'EPFNOSUPPORT',
  108: 'ESHUTDOWN',
  109: 'ETOOMANYREFS',
  112: 'EHOSTDOWN',
  117: 'EUCLEAN',
  118: 'ENOTNAM',
  119: 'ENAVAIL',
  120: 'EISNAM',
  121: 'EREMOTEIO',
  123: 'ENOMEDIUM',
  124: 'EMEDIUMTYPE',
  126: 'ENOKEY',
  127: 'EKEYEXPIRED',
  128: 'EKEYREVOKED',
  129: 'EKEYREJECTED',
  130: 'EOWNERDEAD',
  131: 'ENOTRECOVERABLE',
  132: 'ERFKILL',
  133: 'EHWPOISON',
};

/** Largest errno that a pointer or a negative result can carry (MAX_ERRNO, include/linux/err.h, v6.12). */
export const MAX_ERRNO = 4095;

const NAMES = new Map<number, string>(
  [...Object.entries(UNNAMED), ...Object.entries(INTERNAL)].map(([number, name]) => [Number(number), name]),
);
for (const [name, number] of Object.entries(constants.errno)) if (!ALIASES.has(name)) NAMES.set(number, name);

/** The kernel's name for an errno: `EINVAL` for 22. Undefined if it has none. */
export function errnoName(errno: number): string | undefined {
  return NAMES.get(errno);
}
