/** Most replies that the page keeps: many times those of one page. */
const REPLIES_LIMIT = 50;

/**
 * The cache behind `useApi`: the least recently written replies are dropped, so that it cannot grow
 * indefinitely.
 */
export class ReplyCache<Value> extends Map<string, Value> {
  override set(key: string, value: Value): this {
    this.delete(key);
    super.set(key, value);
    for (const oldest of this.keys()) {
      if (this.size <= REPLIES_LIMIT) break;
      this.delete(oldest);
    }
    return this;
  }
}
