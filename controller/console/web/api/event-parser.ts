/** One event of a stream (HTML standard, section 9.2, "Server-sent events"). */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Longest text of an event that is not complete; a stream that has more is no stream of ours. */
const PENDING_LIMIT_CHARS = 32 << 20;

/** Splits the text of a stream into events. */
export class EventParser {
  #pending = '';

  /** The events that are complete with `text`. */
  push(text: string): StreamEvent[] {
    this.#pending = (this.#pending + text).replaceAll('\r\n', '\n');
    if (this.#pending.length > PENDING_LIMIT_CHARS) throw new Error('an event of the stream is too long');
    const blocks = this.#pending.split('\n\n');
    this.#pending = blocks.pop() ?? '';
    return blocks.flatMap(block => eventIn(block) ?? []);
  }
}

function eventIn(block: string): StreamEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined;
}
