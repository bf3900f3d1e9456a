import type { ModuleCertificate } from '../../../../shared/cms/index.ts';

/**
 * The steps with which an administrator makes the kernel of one host trust `certificate`, in both ways that
 * exist. `file` is the certificate's file.
 */
export function enrolHelp({ name, keyId, fingerprint }: ModuleCertificate, file: string): string {
  return `Certificate ${name}
  key id   ${keyId}      as in /proc/keys and farcall hosts --json
  SHA-256  ${fingerprint}

Kernels read keys for modules only at boot, from the firmware and from shim. Root cannot add a key to a running kernel.
On each host, follow A or B and reboot. Somebody must be at the console of the host, or at its remote console.

A. As a machine owner key (MOK). For hosts that boot with shim, which all distributions with Secure Boot do.
   The key can then sign modules and nothing else: shim boots nothing with it.
     openssl x509 -in ${file} -outform DER -out module.der
     mokutil --import module.der         asks for a password, which you need once, at the next boot
     reboot
   At the console: Enroll MOK, View key (compare the SHA-256 above), Continue, Yes, the password, Reboot.
     mokutil --test-key module.der       "is already enrolled"
   The key is in the keyring .machine, or in .platform on older kernels.

B. In the firmware's signature database (UEFI db). For hosts without shim, and for images of virtual machines.
   Everything that the key signs can then be booted, too: protect it as you protect a key for boot loaders.
     openssl x509 -in ${file} -outform DER -out module.der
     cert-to-efi-sig-list -g "$(uuidgen)" ${file} module.esl      (Debian: efitools)
   with your own KEK:
     sign-efi-sig-list -a -k KEK.key -c KEK.pem db module.esl module.auth
     efi-updatevar -a -f module.auth db
   without one: in the firmware setup, Secure Boot, Key management, db: append module.der
     reboot
   The key is in the keyring .platform. Debian's kernels accept modules signed by it.

To check it, on the host:
     grep ${keyId} /proc/keys
From here, once the agent has connected after the reboot:
     farcall signing hosts ${file} host=NAME

If a host enforces signatures and its policy does not forbid it, the host asks the controller to sign. The controller
needs moduleSigning in its configuration.`;
}
