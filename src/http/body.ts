/** Reads a request body without trusting its sender: bounded in bytes that arrive, JSON by content type, UTF-8. */
import { parseJson } from '../json.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';

/** The most a request body may hold, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

const JSON_TYPE = /^application\/(?:json|[\w.!#$&^+-]+\+json)$/i;

/** The body as it came; 'body-too-large' over `limitBytes`, whether or not a length was declared. */
export async function readBody(request: Request, limitBytes = MAX_BODY_BYTES): Promise<Result<Uint8Array, Problem>> {
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > limitBytes) return err(tooLarge(limitBytes));
  return declared === null ? readStream(request, limitBytes) : readWhole(request, limitBytes);
}

/** The platform passes on no more bytes than the sender declared. */
async function readWhole(request: Request, limitBytes: number): Promise<Result<Uint8Array, Problem>> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > limitBytes ? err(tooLarge(limitBytes)) : ok(bytes);
}

async function readStream(request: Request, limitBytes: number): Promise<Result<Uint8Array, Problem>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) return err(tooLarge(limitBytes));
    chunks.push(chunk);
  }
  return ok(joined(chunks, sizeBytes));
}

function joined(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(limitBytes: number): Problem {
  return problem('body-too-large', `A body may hold at most ${limitBytes} bytes.`);
}

/** 'content-type-unsupported' unless the type is `application/json` or `application/*+json`, parameters aside. */
export function checkJsonType(request: Request): Result<undefined, Problem> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (JSON_TYPE.test(type)) return ok(undefined);
  return err(problem('content-type-unsupported', 'Send content-type: application/json.'));
}

/** The JSON in a body; 'body-not-json' for anything else. A byte order mark is skipped. */
export function decodeJson(bytes: Uint8Array): Result<unknown, Problem> {
  const text = decode(bytes);
  const value = text === undefined ? undefined : parseJson(text);
  return value === undefined ? err(problem('body-not-json', 'The body is not JSON in UTF-8.')) : ok(value);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Checks content type and size, and reads the JSON. For routes that do not need the raw body. */
export async function readJson(request: Request): Promise<Result<unknown, Problem>> {
  const type = checkJsonType(request);
  if (!type.ok) return type;
  const body = await readBody(request);
  return body.ok ? decodeJson(body.value) : body;
}
