'use strict';
const path = require('path');
const http = require('http');
const express = require('express');
const helmet = require('helmet');
const { Pool } = require('pg');
const logger = require('./logger');
const routes = require('./routes');

const PORT = process.env.PORT || 3000;
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const app = express();

app.use(helmet());
app.use(express.json({ limit: '1mb' }));
app.use('/static', express.static(path.join(__dirname, 'public')));
app.use('/api', routes(pool));

app.get('/healthz', (req, res) => {
  res.status(200).send('ok');
});

app.get('/readyz', async (req, res) => {
  try {
    await pool.query('select 1');
    res.sendStatus(204);
  } catch (error) {
    logger.warn({ error }, 'not ready');
    res.sendStatus(503);
  }
});

app.use((error, req, res, next) => {
  logger.error(error);
  if (res.headersSent) {
    return next(error);
  }
  return res.status(500).json({ message: error.message, stack: undefined });
});

const server = http.createServer(app);
server.keepAliveTimeout = 65_000;
server.listen(PORT, () => {
  logger.info(`listening on ${PORT}`);
});

function shutdown(signal) {
  logger.info({ signal }, 'shutting down');
  server.close(async () => {
    await pool.end();
    process.exit(0);
  });
  setTimeout(() => process.exit(1), 10_000).unref();
}

['SIGINT', 'SIGTERM'].forEach((signal) => process.on(signal, () => shutdown(signal)));

module.exports = { app, server };
