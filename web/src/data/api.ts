// The HTTP API as docs/api.md describes it, and the one function that asks it.

import type { Value } from '../ui/format';
import { FRESH, TIMEOUT_MS, takeAsked } from './asked';

export interface AnswerMeta {
  version: string;
  attribution: string;
  simulated: boolean;
}

export interface Dataset {
  name: string;
  step_minutes: number;
  first: number | null;
  latest: number | null;
  /** Seconds of age, counted from the end of the latest interval. */
  stale_after: number;
  stale: boolean;
  bytes: number;
  /** A file of it can't be read. */
  damaged: boolean;
}

export interface MetaAnswer {
  meta: AnswerMeta;
  data: { datasets: Dataset[] };
}

export interface Series {
  id: string;
  unit: string;
  values: Value[];
  /** Of `/v1/transmission` only. */
  measure?: string;
  from?: string;
  to?: string;
}

/** What every answer about a range of a dataset says of itself. */
export interface RangeMeta extends AnswerMeta {
  dataset: string;
  resolution: string;
  from: number;
  to: number;
  latest: number | null;
  /** Of a forecast, which has no latest interval: the run that it is of. */
  run?: number;
  /** Of generation: from here on rooftop is an estimate. */
  provisional_from?: number;
}

/** What the common parts of the page know of an answer. */
export interface Answer {
  meta: AnswerMeta & Partial<RangeMeta>;
}

export interface SeriesAnswer extends Answer {
  meta: RangeMeta;
  data: { time: number[]; series: Series[] };
}

export type Cell = string | number | boolean | null;

export interface TableAnswer extends Answer {
  meta: AnswerMeta & Partial<RangeMeta>;
  data: { columns: { name: string; type: string; unit?: string }[]; rows: Cell[][] };
}

/** A row of a table by the names of its columns. */
export type TableRow = Record<string, Cell>;

export function tableRows(answer: TableAnswer): TableRow[] {
  const names = answer.data.columns.map(({ name }) => name);
  return answer.data.rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null])));
}

/** No answer: the network, a time-out, or something in between that is not nemd. */
export class Unreachable extends Error {}

/** The server answered that it can't. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type Fetched<T> =
  | { changed: true; body: T; etag: string | null; date: number | null }
  | { changed: false; date: number | null };

/**
 * Asks for [path], relative to the page, unless it is being asked already. [etag] is that of the answer the caller holds: the server then says
 * in a few bytes that nothing has changed. `no-store` keeps the browser's cache out of it, which would turn
 * that answer into a whole one and hide the server's Date.
 * Rejects with [Unreachable] or [ApiError], or with the signal's AbortError.
 */
export async function get<T>(
  path: string,
  etag: string | null,
  signal?: AbortSignal,
): Promise<Fetched<T>> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const stop = new AbortController();
  const onStop = () => stop.abort();
  timeout.addEventListener('abort', onStop);
  signal?.addEventListener('abort', onStop);
  try {
    const response = await (takeAsked(path) ??
      fetch(path, {
        ...FRESH,
        headers: etag === null ? {} : { 'If-None-Match': etag },
        signal: stop.signal,
      }));
    const date = readDate(response);
    if (response.status === 304) return { changed: false, date };
    const body: unknown = await response.json();
    if (!response.ok) throw toApiError(response.status, body);
    return { changed: true, body: body as T, etag: response.headers.get('ETag'), date };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (signal?.aborted) throw new DOMException('superseded', 'AbortError');
    if (timeout.aborted) throw new Unreachable(`no answer within ${TIMEOUT_MS / 1000} s`);
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  } finally {
    timeout.removeEventListener('abort', onStop);
    signal?.removeEventListener('abort', onStop);
  }
}

/** Names as a parameter of the API, which parts them by commas. */
export function nameList(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name.replace(/[\\,]/g, '\\$&'))).join(',');
}

/** Tells the server something. Rejects like [get]. */
export async function post(path: string, body: object): Promise<void> {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) throw toApiError(response.status, await response.json().catch(() => null));
}

/** Unix seconds of the server's clock, null where the answer doesn't tell. */
function readDate(response: Response): number | null {
  const ms = Date.parse(response.headers.get('Date') ?? '');
  return Number.isNaN(ms) ? null : ms / 1000;
}

function toApiError(status: number, body: unknown): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  return new ApiError(status, String(error?.code ?? 'error'), String(error?.message ?? 'no details given'));
}

/** The series [id] of [answer], and of transmission the one of [measure]. */
export function findSeries(answer: SeriesAnswer, id: string, measure?: string): Series | undefined {
  return answer.data.series.find(
    (series) => series.id === id && (measure === undefined || series.measure === measure),
  );
}

/** The values of [series], which is one of [answer], at other times: null where it has none. */
export function alignTo(time: readonly number[], answer: SeriesAnswer, values: Value[]): Value[] {
  const at = new Map(answer.data.time.map((each, i) => [each, i]));
  return time.map((each) => values[at.get(each) ?? -1] ?? null);
}

/** The value of [series] for the interval that ends at [time]. */
export function valueAt(answer: SeriesAnswer, series: Series | undefined, time: number | null): Value {
  if (series === undefined || time === null) return null;
  const index = answer.data.time.lastIndexOf(time);
  return index < 0 ? null : series.values[index];
}
