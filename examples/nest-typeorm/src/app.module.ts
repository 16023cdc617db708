import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SluiceModule } from '@sluice/nestjs';
import { PinningReplicaRouter, routedOptions, type TypeOrmDatabase } from '@sluice/typeorm';
import { Order } from './order.js';
import { OrdersController } from './orders.controller.js';

const { DATABASES = '{ "default": {} }', COOKIE_SECRET, NODE_ENV } = process.env;

@Module({
  imports: [
    SluiceModule.forRoot({
      secrets: COOKIE_SECRET === undefined ? [] : [COOKIE_SECRET],
      cookie: { secure: NODE_ENV === 'production' },
    }),
    // was: TypeOrmModule.forRoot({ type: 'postgres', autoLoadEntities: true, replication: { … } })
    TypeOrmModule.forRootAsync(
      routedOptions(
        { type: 'postgres', autoLoadEntities: true },
        {
          databases: JSON.parse(DATABASES) as Record<string, TypeOrmDatabase>,
          router: new PinningReplicaRouter(),
        },
      ),
    ),
    TypeOrmModule.forFeature([Order]),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
