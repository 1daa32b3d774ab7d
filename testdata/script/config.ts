import dotenv = require('dotenv');
import { z } from 'zod';

dotenv.config({ path: process.env.ENV_FILE || '.env' });

enum Mode {
  Development = 'development',
  Production = 'production',
}

const schema = z.object({
  NODE_ENV: z.nativeEnum(Mode).default(Mode.Development),
  PORT: z.coerce.number().int().positive().default(3000),
  REDIS_URL: z.string().url().optional(),
});

type Shape = z.infer<typeof schema>;

const { NODE_ENV = 'development', LOG_LEVEL: level = 'info' } = process.env;
const parsed = schema.safeParse(process.env);
if (!parsed.success) {
  console.error(parsed.error.flatten().fieldErrors);
  process.exit(1);
}

export const config = Object.freeze({
  ...parsed.data,
  level,
  isProduction: NODE_ENV === Mode.Production,
  cache: { ttl: 60, url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' },
}) satisfies Partial<Shape> & { level: string };

export function required(name: keyof Shape): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new TypeError(`${String(name)} is not set`);
  }
  return value;
}

export const lazily = <T,>(make: () => T): (() => T) => {
  let value: T | undefined;
  return () => (value ??= make());
};
