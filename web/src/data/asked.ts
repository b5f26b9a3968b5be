// Questions that were sent before the code was here that shows their answers: what early.ts asks, data/api.ts picks up.

const asked = 'nemdAsked';
type Asked = Map<string, Promise<Response>>;
const place = window as unknown as Record<typeof asked, Asked | undefined>;

/** How a question is put, whoever puts it. */
export const FRESH: RequestInit = { cache: 'no-store' };
export const TIMEOUT_MS = 15_000;

/** Sends each of [paths], unless the page itself was faster. */
export function askEarly(paths: readonly string[]): void {
  place[asked] ??= new Map(
    paths.map((path) => {
      const answer = fetch(path, { ...FRESH, signal: AbortSignal.timeout(TIMEOUT_MS) });
      answer.catch(() => {}); // told to whoever picks it up
      return [path, answer];
    }),
  );
}

/** What was asked early, once. */
export function takeAsked(path: string): Promise<Response> | undefined {
  const all = (place[asked] ??= new Map());
  const answer = all.get(path);
  all.delete(path);
  return answer;
}
