/**
 * `text` with every character outside of printable ASCII as `show` writes its UTF-16 code units in
 * hexadecimal, four digits each.
 *
 * Threat: programs that read lines disagree on what ends one (U+0085, U+2028), and people read what a
 * terminal shows. In printable ASCII there is nothing to disagree on.
 */
export function toAscii(text: string, show: (codeUnit: string) => string): string {
  return text.replace(/[^\x20-\x7e]/g, unit => show(unit.charCodeAt(0).toString(16).padStart(4, '0')));
}
