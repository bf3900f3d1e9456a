import { spawnSync } from 'node:child_process';

/** What each purpose needs from Debian, and why. */
const NEEDS = {
  broker: ['nats-server'],
  // Tests start their own servers with its programs, and leave the one that Debian starts alone.
  database: ['postgresql'],
  // The console's tests drive a real browser; its pictures need the fonts.
  browser: ['chromium', 'fonts-inter', 'fonts-jetbrains-mono'],
  machines: ['qemu-system-x86', 'busybox-static', 'kmod', 'cpio', 'xz-utils', 'zstd'],
  // Completion is tried in each shell; bash is there already.
  shells: ['zsh', 'fish'],
  inspection: ['binutils', 'gcc', 'libc6-dev', 'pahole'],
  // Code for arm64 is disassembled, compared with gcc's, and run, whatever CPU this machine has.
  otherCpu: [
    'qemu-system-arm',
    'qemu-user',
    'binutils-aarch64-linux-gnu',
    'gcc-aarch64-linux-gnu',
    'libc6-dev-arm64-cross',
  ],
  // Packages for both CPUs and both systems; gpg signs the repositories.
  packaging: [
    'dpkg-dev',
    'systemd',
    'binutils',
    'binutils-x86-64-linux-gnu',
    'binutils-aarch64-linux-gnu',
    'gpg',
    'rpm',
    'createrepo-c',
  ],
  // What people use for the same, measured beside ours.
  peers: ['bpftrace'],
  // For kernels that take signed modules only.
  moduleSigning: ['openssl', 'ovmf'],
  // promtool: the rules for Prometheus are tried with it.
  monitoring: ['prometheus'],
  // Keys that never leave a token or an agent.
  hardwareKeys: ['softhsm2', 'opensc', 'openssh-client'],
};

/** What tests need that want neither a browser nor a machine. */
const QUICK = [
  ...['broker', 'database', 'inspection', 'otherCpu'],
  ...['moduleSigning', 'hardwareKeys', 'shells', 'packaging', 'monitoring'],
];

const PURPOSES = {
  setup: [],
  demo: ['broker', 'machines'],
  test: [...QUICK, 'browser', 'machines'],
  quick: QUICK,
  package: ['packaging'],
  bench: ['broker', 'database', 'machines', 'inspection', 'peers'],
};

/** Names of the Debian packages that `purpose` needs. Throws on a purpose that does not exist. */
export function debianPackagesFor(purpose) {
  const needs = PURPOSES[purpose];
  if (!needs) throw new Error(`--for takes one of ${Object.keys(PURPOSES).join(', ')}, not '${purpose}'`);
  return needs.flatMap(need => NEEDS[need]);
}

/** Installs what is missing when root; otherwise says which command to run as root. */
export function ensureDebianPackages(names) {
  const missing = names.filter(name => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `these Debian packages are missing: ${missing.join(' ')}\n` +
        `       as root: apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
  }
  console.error(`setup: installing Debian packages: ${missing.join(' ')}`);
  apt(['update', '-qq']);
  const install = (some, env) =>
    some.length > 0 && apt(['install', '-y', '-qq', '--no-install-recommends', ...some], env);
  install(missing.filter(name => !NEEDS.monitoring.includes(name)));
  // Of this one only its tools are wanted: in runlevel 1 its server does not start (invoke-rc.d(8)).
  install(
    missing.filter(name => NEEDS.monitoring.includes(name)),
    { RUNLEVEL: '1' },
  );
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format language
  const format = '${db:Status-Status}';
  const { stdout } = spawnSync('dpkg-query', ['-W', `-f=${format}`, name], { encoding: 'utf8' });
  return stdout === 'installed';
}

function apt(args, more = {}) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...more };
  const { status, error } = spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] });
  if (error)
    throw new Error(`apt-get cannot be started (${error.message}): farcall's demo and tests need Debian`);
  if (status !== 0) throw new Error(`apt-get ${args[0]} failed; its output above says why`);
}
