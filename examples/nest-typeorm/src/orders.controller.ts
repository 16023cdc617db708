import { Body, Controller, Get, HttpCode, NotFoundException, Param, ParseIntPipe, Post, Put } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { UsePrimary } from '@sluice/typeorm';
import { Repository } from 'typeorm';
import { Order } from './order.js';

@Controller('orders')
export class OrdersController {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number): Promise<Order> {
    return this.one(id);
  }

  /** Fresh for everybody, not only for whoever wrote it. */
  @Get(':id/invoice')
  @UsePrimary()
  invoice(@Param('id', ParseIntPipe) id: number): Promise<Order> {
    return this.one(id);
  }

  @Post()
  add(@Body('title') title: string): Promise<Order> {
    return this.orders.save({ title });
  }

  @Put(':id')
  @HttpCode(204)
  async change(@Param('id', ParseIntPipe) id: number, @Body('title') title: string): Promise<void> {
    const { affected } = await this.orders.update({ id }, { title });
    if (affected !== 1) throw new NotFoundException();
  }

  private async one(id: number): Promise<Order> {
    const order = await this.orders.findOneBy({ id });
    if (order === null) throw new NotFoundException();
    return order;
  }
}
