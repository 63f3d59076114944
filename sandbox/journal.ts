// What a stand-in received and how it answered, in order of arrival; it keeps no header, so no secret stays in it.
import type { Fault, SandboxAnswer, SandboxRequest } from './http-server.ts';

/** One request as it was judged, and the body it was answered with. `status` 0 means that a fault left it without an answer. */
export type Received = {
  at: string;
  method: string;
  path: string;
  body: unknown;
  status: number;
  reason?: string;
  answer?: unknown;
};

/** A stand-in's judgement of one request: the answer, and the reason when it refuses. */
export type Verdict = SandboxAnswer & { reason?: string };

/** A stand-in's refusal. `details` names each thing that is wrong. */
export type Refusal = { status: number; reason: string; details?: string[] };

/** The journal of one stand-in. Requests that a fault swallowed count neither as accepted nor as refused. */
export type Journal = {
  readonly received: Received[];
  readonly accepted: number;
  readonly refused: number;
  note: (request: SandboxRequest, verdict: Verdict) => void;
  noteFault: (request: SandboxRequest, fault: Fault) => void;
  clear: () => void;
};

/** Starts an empty journal. */
export function createJournal(now: () => Date): Journal {
  const received: Received[] = [];
  let accepted = 0;
  let refused = 0;
  const entry = ({ method, path, bodyText }: SandboxRequest) => ({
    at: now().toISOString(),
    method,
    path,
    body: parseJson(bodyText) ?? bodyText,
  });
  return {
    received,
    get accepted() {
      return accepted;
    },
    get refused() {
      return refused;
    },
    note(request, { status, reason, body }) {
      if (status < 400) accepted += 1;
      else refused += 1;
      const answer = body === undefined ? {} : { answer: body };
      received.push({ ...entry(request), status, ...(reason === undefined ? {} : { reason }), ...answer });
    },
    noteFault(request, fault) {
      const status = typeof fault === 'object' && 'status' in fault ? fault.status : 0;
      received.push({
        ...entry(request),
        status,
        reason: typeof fault === 'string' ? `fault-${fault}` : 'fault-status',
      });
    },
    clear() {
      received.length = 0;
      accepted = 0;
      refused = 0;
    },
  };
}

/** The JSON value in a text, or undefined when the text holds none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a content type says JSON, with or without parameters. */
export function saysJson(request: SandboxRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}
