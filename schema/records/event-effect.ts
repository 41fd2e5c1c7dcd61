import { eventEffects, viewEffect } from '../../src/engine/customers/effects.ts';
import { builder } from '../kernel/builder.ts';

const effectNames = [...eventEffects().keys(), viewEffect];

const EventEffect = builder.enumType('EventEffect', {
  description: 'The effect of an event on the facts of the customer, besides counting as activity.',
  values: Object.fromEntries(effectNames.map((name) => [name.toUpperCase(), { value: name }])),
});

builder.prismaObjectField('Event', 'effect', (t) =>
  t.expose('effect', { type: EventEffect, nullable: true }),
);
