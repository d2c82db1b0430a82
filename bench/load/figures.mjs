// Latencies in milliseconds, and what is told of them.

export class Latencies {
  #values = new Float64Array(1 << 16);
  count = 0;

  add(value) {
    if (this.count === this.#values.length) {
      const wider = new Float64Array(2 * this.count);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.count++] = value;
  }

  /** {<name>_p50_ms, <name>_p99_ms}, or with another high share of a hundred */
  summary(name, high = 99) {
    const sorted = this.#values.subarray(0, this.count).sort();
    const at = (share) => (this.count ? sorted[Math.min(this.count - 1, Math.floor(share * this.count))] : null);
    return { [`${name}_p50_ms`]: at(0.5), [`${name}_p${high}_ms`]: at(high / 100) };
  }
}
