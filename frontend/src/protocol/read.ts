// Small readers from unknown JSON to typed values. Each throws `Mismatch` with the path of what is
// wrong; only `decode` catches it.

export class Mismatch extends Error {}

export type FieldReader<T> = (value: unknown, path: string) => T;
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, path: string): Fields {
  if (!isRecord(value)) throw new Mismatch(`${path} is not an object`);
  return value;
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const text: FieldReader<string> = (value, path) => {
  if (typeof value !== "string") throw new Mismatch(`${path} is not a string`);
  return value;
};

export const flag: FieldReader<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new Mismatch(`${path} is not a boolean`);
  return value;
};

/** Seqs, times, counts, refs: whole, not negative, exact in a JavaScript number. */
export const count: FieldReader<number> = (value, path) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new Mismatch(`${path} is not a whole number`);
  }
  return value as number;
};

export function list<T>(reader: FieldReader<T>): FieldReader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Mismatch(`${path} is not a list`);
    return value.map((item, index) => reader(item, `${path}[${index}]`));
  };
}

type Optional<T> = {
  [K in keyof T as undefined extends T[K] ? K : never]-?: FieldReader<NonNullable<T[K]>>;
};
type Needed<T> = { [K in keyof T as undefined extends T[K] ? never : K]: FieldReader<T[K]> };

/** Reads named fields of an object, each by its reader; the optional ones where they are. */
export function shape<T>(
  needed: Needed<T>,
  optional: Optional<T> = {} as Optional<T>,
): FieldReader<T> {
  const must = Object.entries<FieldReader<unknown>>(needed);
  const may = Object.entries<FieldReader<unknown>>(optional);
  return (value, path) => {
    const from = fields(value, path);
    const out: Record<string, unknown> = {};
    // The fields of a frame have no path before them.
    const before = path === "" ? "" : `${path}.`;
    for (const [key, reader] of must) out[key] = reader(from[key], before + key);
    for (const [key, reader] of may) {
      const given = from[key];
      if (given !== undefined && given !== null) out[key] = reader(given, before + key);
    }
    return out as T;
  };
}
