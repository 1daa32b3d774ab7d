#!/usr/bin/env node
const { parentPort, workerData } = require('node:worker_threads');
const cluster = require('cluster');
const os = require('os');
const cron = require('node-cron');
const amqp = require('amqplib');

let connection;
let channel;

async function connect(url = process.env.AMQP_URL || 'amqp://localhost') {
  connection = await amqp.connect(url);
  channel = await connection.createChannel();
  await channel.prefetch(8);
  channel.consume('jobs', async (message) => {
    if (!message) return;
    try {
      await work(JSON.parse(message.content.toString()));
      channel.ack(message);
    } catch (error) {
      console.error('job failed', error);
      channel.nack(message, false, false);
    }
  });
}

async function work({ kind, payload = {}, retries: [first, ...rest] = [] }) {
  switch (kind) {
    case 'mail':
      return require('./jobs/mail').send(payload);
    case 'report': {
      const report = await import('./jobs/report.mjs');
      return report.default(payload, first, rest);
    }
    default:
      throw new Error(`unknown job ${kind}`);
  }
}

if (cluster.isPrimary) {
  for (let index = 0; index < os.cpus().length; index++) {
    cluster.fork();
  }
  cron.schedule('*/5 * * * *', () => console.log('alive'));
} else {
  connect().then(() => parentPort?.postMessage({ ready: true, data: workerData }));
}

process.on('SIGTERM', async () => {
  await channel.close();
  await connection.close();
});
