import Koa from 'koa';
import Router from '@koa/router';
import bodyParser from 'koa-bodyparser';
import { createTerminus } from '@godaddy/terminus';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
export { version } from './version.mjs';
export * as errors from './errors.mjs';

const router = new Router({ prefix: '/books' });
const shelf = new Map();

router
  .get('/', (ctx) => {
    ctx.body = [...shelf.values()];
  })
  .post('/', bodyParser(), (ctx) => {
    const { title, year = 1900 } = ctx.request.body;
    shelf.set(title, { title, year });
    ctx.status = 201;
  })
  .delete('/:title', (ctx) => {
    shelf.delete(ctx.params.title);
    ctx.status = 204;
  });

const app = new Koa();
app.use(async (ctx, next) => {
  const start = performance.now();
  await next();
  ctx.set('x-response-time', `${Math.round(performance.now() - start)}ms`);
});
app.use(router.routes()).use(router.allowedMethods());

const banner = await readFile(new URL('./banner.txt', import.meta.url), 'utf8');
const server = createServer(app.callback());
createTerminus(server, {
  signals: ['SIGTERM', 'SIGINT'],
  healthChecks: { '/health': () => Promise.resolve(), verbatim: true },
  onSignal: async () => console.log('closing'),
});
server.listen(Number.parseInt(process.env.PORT, 10) || 4000, () => console.log(banner));
