// Keys that wait for their turn: a key never runs twice at once, and of two times the earlier wins. It knows no errors.

/**
 * ```
 *            add                    due                   done
 *   (none) ───────▶ waiting(at) ─────────▶ running ───────────────▶ (none)
 *                    ▲   add: earlier at     │ add: again at
 *                    └───────────────────────┴── done, with again ──▶ waiting(again)
 * ```
 */
export class Queue {
  readonly #handle: (key: string) => Promise<void>;
  readonly #workers: number;
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #open = true;

  /** @param handle must not throw */
  constructor(workers: number, handle: (key: string) => Promise<void>) {
    this.#workers = workers;
    this.#handle = handle;
  }

  add(key: string, afterMs = 0): void {
    if (!this.#open) return;
    const at = Date.now() + afterMs;
    this.#waiting.set(key, Math.min(at, this.#waiting.get(key) ?? Infinity));
    this.#arm();
  }

  /** Takes no more keys, and waits for those that run. */
  async close(): Promise<void> {
    this.#open = false;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#next();
    if (!next || this.#running.size >= this.#workers) return;
    // The longest a timer takes. Source: Node, `setTimeout`.
    this.#timer = setTimeout(() => this.#startDue(), Math.min(Math.max(0, next.at - Date.now()), 2 ** 31 - 1));
  }

  #next(): { key: string; at: number } | undefined {
    let next: { key: string; at: number } | undefined;
    for (const [key, at] of this.#waiting) {
      if (!this.#running.has(key) && (!next || at < next.at)) next = { key, at };
    }
    return next;
  }

  #startDue(): void {
    for (let next = this.#next(); next && next.at <= Date.now(); next = this.#next()) {
      if (this.#running.size >= this.#workers) return;
      this.#start(next.key);
    }
    this.#arm();
  }

  #start(key: string): void {
    this.#waiting.delete(key);
    const done = this.#handle(key).finally(() => {
      this.#running.delete(key);
      if (this.#open) this.#arm();
    });
    this.#running.set(key, done);
  }
}
