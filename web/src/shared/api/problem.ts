// A request that failed, in the server's own words (application/problem+json, RFC 9457).

export interface FieldError {
  /** JSON Pointer to the wrong field. */
  path: string;
  message: string;
}

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** HTTP status; 0 when the server could not be reached. */
    readonly status: number,
    /** Stable word for programs. */
    readonly code: string,
    detail: string,
    /** The id under which the server's log has this request. */
    readonly requestId: string | null = null,
    readonly fields: readonly FieldError[] = [],
  ) {
    super(detail);
  }

  static unreachable(): Problem {
    return new Problem(0, "unreachable", "the server can't be reached");
  }

  static async of(response: Response): Promise<Problem> {
    const requestId = response.headers.get("x-request-id");
    const body: unknown = await response.json().catch(() => null);
    if (typeof body !== "object" || body === null) {
      // A proxy speaks for a server that is away; it knows nothing of problem+json.
      if (response.status >= 502 && response.status <= 504) return Problem.unreachable();
      return new Problem(response.status, "unknown", `the server answered ${response.status}`, requestId);
    }
    const { code, detail, errors } = body as { code?: string; detail?: string; errors?: FieldError[] };
    return new Problem(response.status, code ?? "unknown", detail ?? response.statusText, requestId, errors ?? []);
  }
}

/** What any thrown value says to a person: a sentence. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
