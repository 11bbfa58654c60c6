// What went wrong, in one shape whatever service said it: views choose by `kind`.
import { Refusal } from "~/session/exchange";

export type ProblemKind =
  | "forbidden"
  | "missing"
  | "invalid"
  | "conflict"
  | "limit"
  | "throttled"
  | "unsupported"
  | "session"
  | "network"
  | "internal";

export interface Problem {
  kind: ProblemKind;
  code: string;
  message: string;
  /** Names the call for `freehold explain` and the server's log; "" where none was made. */
  requestId: string;
  /** Of a refusal by policy: the action and the resource that AWS's sentence names. */
  action: string;
  resource: string;
}

const KINDS: Array<[RegExp, ProblemKind]> = [
  [/^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidToken|SessionEnded)/, "session"],
  [/^(AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError)/, "forbidden"],
  [
    /^(ResourceNotFound|NoSuchEntity|FileSystemNotFound|NotFound|InvalidVpcID\.NotFound)/,
    "missing",
  ],
  [/NotFound(Exception)?$/, "missing"],
  [/^(Throttl|TooManyRequests|RequestLimitExceeded|TooManyTries|SlowDown)/, "throttled"],
  [/^(ResourceLimitExceeded|LimitExceeded)/, "limit"],
  [/^(ResourceInUse|Conflict|EntityAlreadyExists|DeleteConflict|DuplicateRecord)/, "conflict"],
  [/^(UnsupportedOperation|UnknownOperation|InvalidAction|NotImplemented)/, "unsupported"],
  [/^(TimeoutError|NetworkError|Unreachable)/, "network"],
];
const SENTENCE = /not authorized to perform: (\S+)(?: on resource: (\S+))?/;

interface Told {
  name?: string;
  Code?: string;
  message?: string;
  $fault?: string;
  $metadata?: { requestId?: string; httpStatusCode?: number };
}

export function problemOf(error: unknown): Problem {
  const told = (error ?? {}) as Told;
  const code = error instanceof Refusal ? error.code : (told.name ?? "Error");
  const message = told.message || "No reason was given.";
  const kind = kindOf(error, code, told.$metadata?.httpStatusCode);
  const sentence = SENTENCE.exec(message);
  return {
    kind,
    code,
    message: kind === "network" ? "The server does not answer. Is it running?" : message,
    requestId: told.$metadata?.requestId ?? "",
    action: sentence?.[1] ?? "",
    resource: sentence?.[2]?.replace(/[.,]$/, "") ?? "",
  };
}

function kindOf(error: unknown, code: string, status: number | undefined): ProblemKind {
  if (error instanceof TypeError && status === undefined) return "network"; // fetch's own word
  for (const [pattern, kind] of KINDS) if (pattern.test(code)) return kind;
  if (status === 403) return "forbidden";
  if (status !== undefined && status >= 500) return "internal";
  return status === undefined ? "internal" : "invalid";
}
