import type { ModuleCertificate } from '../../../shared/cms/index.ts';

/**
 * What an administrator does on one host, so that its kernel trusts `certificate`, by both ways that there are. `file` is the
 * certificate's file.
 */
export function enrolHelp({ name, keyId, fingerprint }: ModuleCertificate, file: string): string {
  return `Certificate ${name}
  key id   ${keyId}      as /proc/keys and farcall hosts --json show it
  SHA-256  ${fingerprint}

Kernels take keys for modules from the firmware and from shim only, at boot. Root cannot add one to a kernel that runs.
Do one of the two on each host, with somebody at its console (or its remote console), and reboot.

A. As a key of the machine's owner (MOK). For hosts that boot by shim, as all distributions with Secure Boot do.
   The key then signs modules and nothing else: shim boots nothing by it.
     openssl x509 -in ${file} -outform DER -out module.der
     mokutil --import module.der         asks for a password that is needed once, at the next boot
     reboot
   At the console: Enroll MOK, View key (compare the SHA-256 above), Continue, Yes, the password, Reboot.
     mokutil --test-key module.der       "is already enrolled"
   The key is in the keyring .machine, or in .platform on older kernels.

B. In the firmware's list of whom it trusts (UEFI db). For hosts without shim, and for images of virtual machines.
   Everything that the key signs can then be booted too: keep it as you keep a key for boot loaders.
     openssl x509 -in ${file} -outform DER -out module.der
     cert-to-efi-sig-list -g "$(uuidgen)" ${file} module.esl      (Debian: efitools)
   with your own KEK:
     sign-efi-sig-list -a -k KEK.key -c KEK.pem db module.esl module.auth
     efi-updatevar -a -f module.auth db
   without one: the firmware's setup, Secure Boot, Key management, db: append module.der
     reboot
   The key is in the keyring .platform; Debian's kernels take modules by it.

Did it work? On the host:
     grep ${keyId} /proc/keys
From here, once its agent has said hello again after the reboot:
     farcall signing hosts ${file} host=NAME

Hosts that enforce signatures and whose policy says nothing else ask the controller to sign, by its member moduleSigning.`;
}
