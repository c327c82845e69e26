import * as v from 'valibot';

export type Order<Field extends string> = { readonly field: Field; readonly descending: boolean };

/** PSA V2: `Name`, `-Name`, `Name desc`, `Name asc`; names without regard to case. */
export function sort<const Field extends string>(fields: readonly [Field, ...Field[]]) {
  const fallback: Order<Field> = { field: fields[0], descending: false };
  const parse = (text: string): Order<Field> | undefined => {
    const [, minus, name = '', direction = ''] = /^(-?)(\w+)(?:[ +]+(asc|desc))?$/i.exec(text.trim()) ?? [];
    const field = fields.find((known) => known.toLowerCase() === name.toLowerCase());
    if (field === undefined || (minus && direction)) return undefined;
    return { field, descending: minus === '-' || direction.toLowerCase() === 'desc' };
  };
  return v.pipe(
    v.string('must be given once'),
    v.check(
      (text) => parse(text) !== undefined,
      `must be one of ${fields.join(', ')}, as Name, -Name or Name desc`,
    ),
    v.transform((text) => parse(text) ?? fallback),
    v.description(`${fields.join(', ')}; as Name, -Name or Name desc`),
  );
}
