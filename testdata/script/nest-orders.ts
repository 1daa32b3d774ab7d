import { Body, Controller, Get, HttpCode, Inject, Injectable, Param, Post, UseGuards } from '@nestjs/common';
import { Cron, CronExpression, Interval } from '@nestjs/schedule';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AuthGuard } from '../auth/auth.guard';
import type { Order } from './order.entity';

@Injectable()
export class OrdersService {
  private readonly open = new Map<string, Order>();

  constructor(
    @InjectRepository('Order') private readonly orders: Repository<Order>,
    @Inject('CLOCK') private readonly clock: () => Date,
  ) {}

  async create(order: Partial<Order>): Promise<Order> {
    const saved = await this.orders.save({ ...order, at: this.clock() });
    this.open.set(saved.id, saved);
    return saved;
  }

  @Cron(CronExpression.EVERY_HOUR)
  async expire(): Promise<void> {
    for (const [id, order] of this.open) {
      if (order.at.getTime() < Date.now() - 3_600_000) {
        await this.orders.delete(id);
        this.open.delete(id);
      }
    }
  }

  @Interval(60_000)
  report(): void {
    console.log(`${this.open.size} orders are open`);
  }
}

@Controller('orders')
@UseGuards(AuthGuard)
export class OrdersController {
  constructor(private readonly service: OrdersService) {}

  @Get(':id')
  find(@Param('id') id: string) {
    return this.service.create({ id });
  }

  @Post()
  @HttpCode(202)
  create(@Body() order: Partial<Order>) {
    return this.service.create(order);
  }
}
