/**
 * The text of one record of /dev/kmsg, its escapes undone; undefined where it is no record.
 *
 *     6,1234,5678901,-;Hello, world 1234
 *      SUBSYSTEM=pci
 *
 * Before the `;` stand priority, number, microseconds since boot and flags, to which later kernels may add; lines
 * that start with a space are a dictionary (Documentation/ABI/testing/dev-kmsg, v6.12). Bytes outside of printable ASCII
 * and backslashes come as \xNN; what decodes to a control character is shown as a dot, since this text ends on terminals.
 */
export function parseKmsgRecord(record: string): string | undefined {
  const match = /^\d+,\d+,\d+,[^;]*;([^\n]*)/.exec(record);
  if (match?.[1] === undefined) return undefined;
  const bytes = match[1].replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return printable(Buffer.from(bytes, 'latin1').toString('utf8'));
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.');
}
