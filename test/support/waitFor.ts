/** Asks again and again until the answer satisfies, and returns it. For what no selector can wait for, such as a file. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  satisfies: (answer: T) => boolean = Boolean,
  timeout = 15_000,
): Promise<T> {
  const until = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > until) throw new Error(`${what}: still ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
