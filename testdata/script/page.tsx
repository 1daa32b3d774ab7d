import React, { useEffect, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { fetchOrders } from '@/api/orders';
import type { Order } from '@/types';

interface Props {
  title: string;
  onSelect?: (order: Order) => void;
}

export function Orders({ title, onSelect }: Props): JSX.Element {
  const [orders, setOrders] = useState<Order[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    fetchOrders({ signal: abort.signal }).then(setOrders, console.error);
    return () => abort.abort();
  }, []);
  return (
    <section aria-label={title}>
      <h1>{title.toUpperCase()}</h1>
      <ul>
        {orders.map((order) => (
          <li key={order.id} onClick={() => onSelect?.(order)}>
            {order.name} &ndash; {Intl.NumberFormat('en').format(order.total)}
          </li>
        ))}
      </ul>
    </section>
  );
}

hydrateRoot(document.getElementById('root')!, <Orders title="Orders" />);
