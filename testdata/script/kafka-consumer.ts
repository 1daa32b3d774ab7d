import { Kafka, logLevel } from 'kafkajs';
import { collectDefaultMetrics, Counter, register } from 'prom-client';
import winston from 'winston';
import { createLightship } from 'lightship';

collectDefaultMetrics();

const seen = new Counter({ name: 'messages_seen_total', help: 'messages', labelNames: ['topic'] });
const logger = winston.createLogger({
  level: 'info',
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console(), new winston.transports.File({ filename: '/var/log/app.log' })],
});

const kafka = new Kafka({
  clientId: 'orders',
  brokers: (process.env.BROKERS || 'localhost:9092').split(','),
  logLevel: logLevel.WARN,
});
const consumer = kafka.consumer({ groupId: 'orders' });

async function run(): Promise<void> {
  const lightship = await createLightship({ port: 9000 });
  await consumer.connect();
  await consumer.subscribe({ topics: ['orders', /^returns-.+/], fromBeginning: false });
  await consumer.run({
    eachMessage: async ({ topic, message: { key, value } }) => {
      seen.labels(topic).inc();
      logger.info('message', { key: key?.toString(), bytes: value?.length ?? 0 });
    },
  });
  lightship.registerShutdownHandler(async () => {
    await consumer.disconnect();
    await register.clear();
  });
  lightship.signalReady();
}

run().catch((error) => {
  logger.error(error);
  process.exitCode = 1;
});
