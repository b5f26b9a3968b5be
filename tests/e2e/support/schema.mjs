/* Holds values against a JSON schema, as far as the OpenAPI document uses it: a keyword that isn't
 * known here is an error, so that nothing is passed over. */

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const isOfType = (value, type) => (type === 'integer' ? Number.isInteger(value) : typeOf(value) === type);

const keywords = {
  type: (value, type) => [type].flat().some((one) => isOfType(value, one)) || `is ${typeOf(value)}, not ${type}`,
  enum: (value, all) => all.includes(value) || `is ${JSON.stringify(value)}, not of ${all}`,
  pattern: (value, pattern) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value) || `doesn't match ${pattern}`,
  minimum: (value, least) => typeof value !== 'number' || value >= least || `is less than ${least}`,
  maximum: (value, most) => typeof value !== 'number' || value <= most || `is more than ${most}`,
  minItems: (value, least) => !Array.isArray(value) || value.length >= least || `has less than ${least} entries`,
  maxItems: (value, most) => !Array.isArray(value) || value.length <= most || `has more than ${most} entries`,
  required: (value, names) => typeOf(value) !== 'object' || names.every((name) => name in value) || `lacks one of ${names}`,
  description: () => true,
  default: () => true,
  examples: () => true,
};

/* The first thing that is wrong with [value], as "data.time[3]: is string, not integer"; null when
 * nothing is. */
export function faultOf(value, schema, document, path = '') {
  if (schema.$ref) {
    const target = schema.$ref.split('/').slice(1).reduce((part, name) => part?.[name], document);
    if (!target) return `${path}: ${schema.$ref} leads nowhere`;
    return faultOf(value, target, document, path);
  }
  for (const [keyword, limit] of Object.entries(schema)) {
    if (['properties', 'additionalProperties', 'items'].includes(keyword)) continue;
    if (!keywords[keyword]) return `${path}: the schema says ${keyword}, which isn't known`;
    const verdict = keywords[keyword](value, limit);
    if (verdict !== true) return `${path}: ${verdict}`;
  }
  if (typeOf(value) === 'object')
    for (const [name, inner] of Object.entries(value)) {
      const of = schema.properties?.[name] ?? schema.additionalProperties ?? {};
      if (of === false) return `${path}: has ${name}, which isn't in the schema`;
      const fault = of === true ? null : faultOf(inner, of, document, `${path}.${name}`);
      if (fault) return fault;
    }
  if (Array.isArray(value) && schema.items)
    for (const [i, inner] of value.entries()) {
      const fault = faultOf(inner, schema.items, document, `${path}[${i}]`);
      if (fault) return fault;
    }
  return null;
}
