import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A count, and the values of its labels. */
export interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Takes one measurement. */
export interface Observer {
  observe(value: number): void;
}

/** Name, with unit, and what is measured. */
interface Named {
  readonly name: string;
  readonly help: string;
}

/**
 * The metrics of one program, in the text format of Prometheus (0.0.4); the only place that knows the
 * library. Values are read when somebody asks. One that cannot be read then is left out, and takes no other
 * with it.
 */
export class MetricSet {
  readonly #registry = new Registry();

  /** Begins with what Node tells of the process: CPU, memory, event loop, garbage collection. */
  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A value that goes up and down; undefined where there is none now. */
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

  /** Values that go up and down, by label. */
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

  /** Counts since the start of the program, by label. */
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

  /** How often a value fell in which range. */
  histogram({ name, help, buckets }: Named & { readonly buckets: readonly number[] }): Observer {
    return new Histogram({ name, help, buckets: [...buckets], registers: [this.#registry] });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

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
