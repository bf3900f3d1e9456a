/** The oldest Node that can run the setup; farcall itself runs on the Node that the setup installs. */
const LEAST_MAJOR = 20;

/** Throws, with words for a person, if `version` of Node is too old for the setup. */
export function checkNode(version) {
  if (Number.parseInt(version, 10) >= LEAST_MAJOR) return;
  throw new Error(
    `the setup needs Node ${LEAST_MAJOR} or later, and this is ${version}. Debian 12 has Node 18; take a newer one with npm from ` +
      'https://nodejs.org/en/download, and put its folder bin first in PATH',
  );
}
