/**
 * `value` as JSON of ASCII characters alone, all others escaped. Threat: what a kernel's memory or its log
 * held stands in results, and JSON leaves C1 control characters and bidirectional ones as they are, which a
 * terminal obeys.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
