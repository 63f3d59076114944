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

/** How many requests were accepted and refused; duplicates are accepted, and out of order is refused. */
export type Counts = { accepted: number; refused: number; duplicates: number; outOfOrder: number };

/** A stand-in's judgement of one request: the answer, the reason when it refuses, and what it counts as besides. */
export type Verdict = SandboxAnswer & { reason?: string; countsAs?: 'duplicates' | 'outOfOrder' };

/** A stand-in's refusal. `details` names each thing that is wrong. */
export type Refusal = { status: number; reason: string; details?: string[] };

/** The journal of one stand-in. Requests that a fault swallowed stand in it, but count neither as accepted nor as refused. */
export type Journal = {
  readonly received: Received[];
  readonly counts: Readonly<Counts>;
  note: (request: SandboxRequest, verdict: Verdict) => void;
  noteFault: (request: SandboxRequest, fault: Fault) => void;
  clear: () => void;
};

const none: Counts = { accepted: 0, refused: 0, duplicates: 0, outOfOrder: 0 };

/** Starts an empty journal. */
export function createJournal(now: () => Date): Journal {
  const received: Received[] = [];
  const counts = { ...none };
  const entry = ({ method, path, bodyText }: SandboxRequest) => {
    return { at: now().toISOString(), method, path, body: parseJson(bodyText) ?? bodyText };
  };
  return {
    received,
    counts,
    note(request, { status, reason, body, countsAs }) {
      counts[status < 400 ? 'accepted' : 'refused'] += 1;
      if (countsAs) counts[countsAs] += 1;
      const answer = body === undefined ? {} : { answer: body };
      received.push({ ...entry(request), status, ...(reason === undefined ? {} : { reason }), ...answer });
    },
    noteFault(request, fault) {
      const status = typeof fault === 'object' && 'status' in fault ? fault.status : 0;
      const reason = typeof fault === 'string' ? `fault-${fault}` : 'fault-status';
      received.push({ ...entry(request), status, reason });
    },
    clear() {
      received.length = 0;
      Object.assign(counts, none);
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
