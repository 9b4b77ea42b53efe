// What can go wrong between the operator and the API server, in the operator's words; decides no retry.

/**
 * - `Unavailable`: nobody answered, or with a server error; the request may or may not have been carried out.
 * - `Gone`: the resourceVersion asked for is no longer kept.
 * - `Conflict`: the object changed in between, or is not the one meant (other UID).
 */
export type KubeErrorKind =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Refused'
  | 'Invalid'
  | 'TooManyRequests'
  | 'Unavailable';

export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly kind: KubeErrorKind;
  /** What the server asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: KubeErrorKind,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The error that a response other than 2xx stands for. `doing` continues "Cannot". */
export function errorOfResponse(doing: string, status: number, body: string, retryAfter?: string): KubeError {
  const { reason, message } = statusOfBody(body);
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new KubeError(kindOf(status, reason), `Cannot ${doing}: ${status} ${message}`, { retryAfterMs });
}

/** Whether the error is of one of the kinds. */
export function isKubeError(error: unknown, ...kinds: readonly KubeErrorKind[]): error is KubeError {
  return error instanceof KubeError && kinds.includes(error.kind);
}

function kindOf(status: number, reason: string | undefined): KubeErrorKind {
  switch (status) {
    case 404:
      return 'NotFound';
    case 409:
      return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
    case 410:
      return 'Gone';
    case 401:
    case 403:
      return 'Refused';
    case 429:
      return 'TooManyRequests';
    default:
      return status >= 500 ? 'Unavailable' : 'Invalid';
  }
}

function statusOfBody(body: string): { reason?: string; message: string } {
  try {
    const status = JSON.parse(body) as { reason?: string; message?: string };
    return { ...(status.reason && { reason: status.reason }), message: status.message ?? body };
  } catch {
    return { message: body.slice(0, 300) };
  }
}
