const express = require('express');
const { pool } = require('./database');

const app = express();

app.get('/healthz', (request, response) => response.send('ok'));

app.get('/products', async (request, response) => {
  const { rows } = await pool.query('SELECT id, name, price FROM products ORDER BY name');
  response.json(rows);
});

app.listen(process.env.PORT || 3000);

// Ctrl-C in the terminal closes the connections; nobody thought of what Kubernetes sends.
process.on('SIGINT', () => pool.end().then(() => process.exit(0)));
