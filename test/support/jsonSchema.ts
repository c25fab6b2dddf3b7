/** The part of JSON Schema draft 7 that the project's own schemas use; any other key is an error. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const known = new Set(
  (
    'type enum properties required additionalProperties items maxItems minimum maximum pattern anyOf allOf ' +
    '$ref definitions $schema $id title description'
  ).split(' '),
);

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeOf(value) === 'object';

/**
 * What of `value` breaks the schema, each with its path; empty when nothing does. `closed`: a key that the schema
 * does not name is an error too, so that nothing goes undocumented.
 */
export function schemaErrors(root: Schema, value: unknown, closed: boolean): string[] {
  const errors: string[] = [];
  visit(root, value, '');
  return errors;

  function visit(given: Schema, at: unknown, path: string): void {
    for (const key of Object.keys(given))
      if (!known.has(key)) throw new Error(`the schema uses ${key}, which this test does not know`);
    const schema = given.$ref === undefined ? given : resolved(given.$ref);
    if (schema !== given) {
      visit(schema, at, path);
      return;
    }
    for (const part of schema.allOf ?? []) visit(part, at, path);
    if (schema.anyOf !== undefined) {
      const tries = schema.anyOf.map((part) => faultsOf(part, at, path));
      const fewest = tries.toSorted((one, other) => one.length - other.length)[0] ?? [];
      const [nearest = fewest] = tries.filter(
        (faults) => !faults.some((fault) => fault.startsWith(`${path}: `)),
      );
      if (fewest.length > 0) errors.push(...nearest);
    }
    const types = schema.type === undefined ? [] : [schema.type].flat();
    if (types.length > 0 && !types.some((type) => isA(type, at))) {
      errors.push(`${path}: ${typeOf(at)} is not ${types.join(' or ')}`);
      return;
    }
    if (schema.enum !== undefined && !schema.enum.includes(at))
      errors.push(`${path}: ${JSON.stringify(at)} is none of the values`);
    if (typeof at === 'number') {
      if (schema.minimum !== undefined && at < schema.minimum)
        errors.push(`${path}: ${at.toString()} is too small`);
      if (schema.maximum !== undefined && at > schema.maximum)
        errors.push(`${path}: ${at.toString()} is too large`);
    }
    if (typeof at === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(at))
      errors.push(`${path}: ${JSON.stringify(at)} does not fit the pattern`);
    if (Array.isArray(at)) {
      if (schema.maxItems !== undefined && at.length > schema.maxItems) errors.push(`${path}: too long`);
      if (schema.items !== undefined)
        for (const [i, item] of at.entries()) visit(schema.items, item, `${path}[${i.toString()}]`);
    }
    if (isObject(at)) object(schema, at, path);
  }

  function object(schema: Schema, at: Readonly<Record<string, unknown>>, path: string): void {
    for (const key of schema.required ?? [])
      if (!Object.hasOwn(at, key)) errors.push(`${path}: ${key} is missing`);
    for (const [key, item] of Object.entries(at)) {
      const { properties = {}, additionalProperties: others } = schema;
      const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (own !== undefined) visit(own, item, `${path}.${key}`);
      else if (typeof others === 'object') visit(others, item, `${path}.${key}`);
      else if (others === false || (closed && schema.properties !== undefined))
        errors.push(`${path}: ${key} is not documented`);
    }
  }

  /** What breaks one alternative; `errors` stays as it was. */
  function faultsOf(schema: Schema, at: unknown, path: string): string[] {
    const before = errors.length;
    visit(schema, at, path);
    return errors.splice(before);
  }

  function resolved(ref: string): Schema {
    const found = root.definitions?.[ref.replace('#/definitions/', '')];
    if (found === undefined) throw new Error(`the schema refers to ${ref}, which is not there`);
    return found;
  }
}

const isA = (type: string, value: unknown): boolean =>
  type === 'integer' ? Number.isSafeInteger(value) : typeOf(value) === type;
