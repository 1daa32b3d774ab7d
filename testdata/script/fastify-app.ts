import Fastify, { type FastifyInstance } from 'fastify';
import cors from '@fastify/cors';
import * as os from 'node:os';
import { loadConfig, type Config } from './config.js';
import { registerRoutes } from './routes/index.js';

export interface Options {
  config?: Config;
  readonly verbose: boolean;
}

const defaults = { host: '0.0.0.0', port: Number(process.env.PORT ?? 8080) } as const;

export async function build(options: Options): Promise<FastifyInstance> {
  const config = options.config ?? (await loadConfig());
  const app = Fastify({ logger: { level: options.verbose ? 'debug' : 'info' } });
  await app.register(cors, { origin: config.origins });
  await app.register(registerRoutes, { prefix: '/v1' });
  app.get<{ Params: { id: string } }>('/items/:id', async (request, reply) => {
    const item = await config.store.find(request.params.id);
    return item ? reply.send(item) : reply.code(404).send({ message: 'no such item' });
  });
  app.route({
    method: 'GET',
    url: '/status',
    handler: async () => ({ host: os.hostname(), load: os.loadavg()[0] }),
  });
  app.addHook('onClose', async () => {
    await config.store.close();
  });
  return app;
}

export async function start(): Promise<void> {
  const app = await build({ verbose: process.env.VERBOSE === 'true' });
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    app.log.info({ signal }, 'closing');
    await app.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop(signal));
  }
  await app.listen({ port: defaults.port, host: defaults.host });
}

export default start;
