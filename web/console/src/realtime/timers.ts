/** Timers by name: setting one again replaces it. */
export class Timers {
  private readonly running = new Map<string, ReturnType<typeof setTimeout>>();

  set(name: string, delay: number, act: () => void): void {
    this.clear(name);
    const run = (): void => {
      this.running.delete(name);
      act();
    };
    this.running.set(name, setTimeout(run, delay));
  }

  has(name: string): boolean {
    return this.running.has(name);
  }

  clear(name: string): void {
    clearTimeout(this.running.get(name));
    this.running.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.running.keys()]) this.clear(name);
  }
}
