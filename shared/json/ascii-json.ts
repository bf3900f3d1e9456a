/**
 * `value` as JSON in ASCII, indented by `indent` spaces; every other character is escaped.
 *
 * Threat: results contain what a kernel's memory or log contained. JSON leaves C1 control characters and
 * bidirectional ones unescaped, and a terminal obeys them.
 */
export function asciiJson(value: unknown, indent = 0): string {
  return toAscii(JSON.stringify(value, null, indent));
}

/** JSON, such as a line of a log, with every character escaped that is not ASCII. Line feeds stay. */
export function toAscii(json: string): string {
  return json.replace(/[^\n -~]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
