/** One HTTP call to the platform. Knows nothing about screens: refusals come back as `ApiError`. */

export type FailureKind = 'refused' | 'unreachable' | 'unreadable';

/** What went wrong, with the platform's own plain sentence in both languages when it gave one. */
export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly status: number,
    readonly code: string,
    readonly textZh: string | undefined,
    readonly textEn: string | undefined,
    readonly field: string | undefined,
  ) {
    super(`${status} ${code}`);
    this.name = 'ApiError';
  }
}

interface ErrorBody { error?: { code?: string; field?: string; text_zh?: string; text_en?: string } }
export type Query = Record<string, string | number | undefined>;

let serverOffsetMs = 0;
let whenSignedOut: () => void = () => {};

/** The platform's time now: a supervisor's PC with a wrong clock must not invent overdue tasks. */
export function platformNow(): number {
  return Date.now() + serverOffsetMs;
}

/** Names what to do when the platform says that the session is over. */
export function onSignedOut(handler: () => void): void {
  whenSignedOut = handler;
}

export function withQuery(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>(path, { method: 'GET', ...(signal ? { signal } : {}) });
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-grid-console': '1' },
  });
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError('unreachable', 0, 'unreachable', undefined, undefined, undefined);
  }
  rememberServerTime(response.headers.get('date'));
  if (!response.ok) throw await refusal(response, path);
  try {
    return (await response.json()) as T;
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError('unreadable', response.status, 'unreadable', undefined, undefined, undefined);
  }
}

async function refusal(response: Response, path: string): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  if (response.status === 401 && path !== '/api/login' && path !== '/api/me') whenSignedOut();
  const { code, field, text_zh, text_en } = body.error ?? {};
  return new ApiError('refused', response.status, code ?? `http_${response.status}`, text_zh, text_en, field);
}

function rememberServerTime(header: string | null): void {
  const serverMs = header ? Date.parse(header) : Number.NaN;
  if (!Number.isNaN(serverMs)) serverOffsetMs = serverMs - Date.now();
}
