/**
 * `value` as JSON in ASCII; every other character is escaped. Threat: results contain what a kernel's memory
 * or log contained. JSON leaves C1 control characters and bidirectional ones unescaped, and a terminal obeys
 * them.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
