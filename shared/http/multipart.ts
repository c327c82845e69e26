import type { InputRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';

/** Fields are few and short; files are never wanted. */
const LIMITS = { fields: 40, files: 0, parts: 41, headerPairs: 20 } as const;
/** What the parser puts in place of bytes that are not of a part's charset, UTF-8 unless it names another. */
const LOST_CHARACTER = '\uFFFD';

/** RFC 7578, by a parser that also takes the unquoted names that .NET clients send. */
export async function parseMultipart(
  bytes: Buffer,
  contentType: string,
): Promise<Decision<unknown, InputRefusal>> {
  const form = await readForm(bytes, contentType);
  if (form === undefined) {
    return refused({ reason: 'malformed_body', problem: 'it is not valid multipart/form-data' });
  }
  const lost = form.entries.find(
    ([, value]) => value.includes(LOST_CHARACTER) && !bytes.includes(LOST_CHARACTER),
  );
  if (lost !== undefined) {
    return refused({
      reason: 'malformed_body',
      problem: `${lost[0]?.slice(0, 64) ?? 'a part'} is not UTF-8`,
    });
  }
  const fields: Record<string, unknown> = Object.create(null);
  const nameless = form.entries.some(([name]) => name === undefined);
  const problems = new Set([...form.problems, ...(nameless ? ['a part has no name'] : [])]);
  for (const [name, value] of form.entries) {
    if (name === undefined) continue;
    const shown = name.slice(0, 64);
    if (name in fields) problems.add(`${shown} is given more than once`);
    // A charset can spell lone surrogates, UTF-16 for one.
    if (!value.isWellFormed()) problems.add(`${shown} must be well-formed Unicode`);
    fields[name] = value;
  }
  return problems.size > 0 ? refused({ reason: 'invalid_fields', problems: [...problems] }) : granted(fields);
}

type Form = {
  /** Without a name where a part says none, whatever the parser's types say. */
  readonly entries: readonly (readonly [name: string | undefined, value: string])[];
  readonly problems: readonly string[];
};

/** The parser goes on after an error: what listens to it only notes, for a throw of its own would end the process. */
async function readForm(bytes: Buffer, contentType: string): Promise<Form | undefined> {
  // Read in by the first form of this kind: few are sent, and each cold start would pay for it (P1).
  const { Busboy } = await import('@fastify/busboy');
  return new Promise((resolve) => {
    const entries: [string | undefined, string][] = [];
    const problems: string[] = [];
    try {
      const parser = new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
      parser.on('field', (name, value) => entries.push([name, value]));
      parser.on('filesLimit', () => problems.push('files are not accepted'));
      parser.on('fieldsLimit', () => problems.push('there are too many fields'));
      parser.on('error', () => resolve(undefined));
      parser.on('finish', () => resolve({ entries, problems }));
      parser.end(bytes);
    } catch {
      resolve(undefined);
    }
  });
}
