import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One value of a metric, with the values of its labels. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Records measurements of a histogram. */
export interface Observer {
  observe(value: number): void;
}

/** Name of a metric, with its unit, and a sentence about what it measures. */
interface Named {
  readonly name: string;
  readonly help: string;
}

/**
 * The metrics of one program, in the text format of Prometheus (0.0.4). No other code uses the library.
 * Values are read when somebody asks for the text. A value that cannot be read then is left out; the others
 * are still reported.
 */
export class MetricSet {
  readonly #registry = new Registry();

  /** Starts with what Node reports of the process: CPU, memory, event loop, garbage collection. */
  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A value that can rise and fall. `read` returns undefined if there is no value now. */
  gauge({ name, help }: Named, read: () => number | undefined | Promise<number | undefined>): void {
    new Gauge({
      ...{ name, help, registers: [this.#registry] },
      async collect() {
        this.remove();
        const value = await valueIfAny(read);
        if (value !== undefined) this.set(value);
      },
    });
  }

  /** Values that can rise and fall, one for each combination of labels. */
  gauges(
    { name, help, labels }: Named & { readonly labels: readonly string[] },
    read: () => Iterable<Labelled> | Promise<Iterable<Labelled>>,
  ): void {
    new Gauge({
      ...{ name, help, labelNames: labels, registers: [this.#registry] },
      async collect() {
        this.reset();
        for (const each of (await valueIfAny(read)) ?? []) this.set(each.labels, each.value);
      },
    });
  }

  /** Counts since the program started, one for each combination of labels. */
  counters(
    { name, help, labels }: Named & { readonly labels: readonly string[] },
    read: () => Iterable<Labelled>,
  ): void {
    new Counter({
      ...{ name, help, labelNames: labels, registers: [this.#registry] },
      async collect() {
        this.reset();
        for (const each of (await valueIfAny(read)) ?? []) this.inc(each.labels, each.value);
      },
    });
  }

  /** How often a value was in which range; `buckets` are the upper ends of the ranges. */
  histogram({ name, help, buckets }: Named & { readonly buckets: readonly number[] }): Observer {
    return new Histogram({ name, help, buckets: [...buckets], registers: [this.#registry] });
  }

  /** The media type of {@link text}, for the header of a reply. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

async function valueIfAny<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
