import type { InputRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';

/** Fields are few and short; files are never wanted. */
const LIMITS = { fields: 40, files: 0, parts: 41, headerPairs: 20 } as const;

/** RFC 7578, by a parser that also takes the unquoted names that .NET clients send; loaded when one does. */
export async function parseMultipart(
  bytes: Buffer,
  contentType: string,
): Promise<Decision<unknown, InputRefusal>> {
  const { Busboy } = await import('@fastify/busboy');
  return new Promise((resolve) => {
    const malformed = (problem: string) => resolve(refused({ reason: 'malformed_body', problem }));
    const fields: Record<string, unknown> = Object.create(null);
    const problems: string[] = [];
    try {
      const parser = new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
      parser.on('field', (name, value) => {
        // A part may name a charset of its own, such as UTF-16.
        if (value.includes('\uFFFD') && !bytes.includes('\uFFFD'))
          malformed(`${name.slice(0, 64)} is not UTF-8`);
        if (!value.isWellFormed()) problems.push(`${name.slice(0, 64)} must be well-formed Unicode`);
        if (name in fields) problems.push(`${name.slice(0, 64)} is given more than once`);
        fields[name] = value;
      });
      parser.on('filesLimit', () => problems.push('files are not accepted'));
      parser.on('fieldsLimit', () => problems.push('there are too many fields'));
      parser.on('error', () => malformed('it is not valid multipart/form-data'));
      parser.on('finish', () =>
        resolve(problems.length > 0 ? refused({ reason: 'invalid_fields', problems }) : granted(fields)),
      );
      parser.end(bytes);
    } catch {
      malformed('it is not valid multipart/form-data');
    }
  });
}
