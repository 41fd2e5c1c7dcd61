import { Customer } from '../customers/customer.ts';
import { keptCustomer } from '../customers/customer-rows.ts';
import { findMerge, Merge } from '../customers/merge.ts';
import { builder } from '../kernel/builder.ts';
import { formatGlobalId } from '../kernel/global-id.ts';
import { defineChange } from './change.ts';

defineChange('CUSTOMER_CREATED', 'CustomerCreated', 'A customer was seen for the first time.');

export const CustomerMerged = defineChange(
  'CUSTOMER_MERGED',
  'CustomerMerged',
  'A customer was merged into another one. With it all stages, memberships and the risk of `from` end; changes of `into` follow. `customer` is the surviving customer.',
);

const CustomerUnmerged = defineChange(
  'CUSTOMER_UNMERGED',
  'CustomerUnmerged',
  'A merge was undone. The changes that follow place `from` again; `customerId` is the customer that it was part of.',
);

for (const ref of [CustomerMerged, CustomerUnmerged]) {
  builder.objectFields(ref, (t) => ({
    merge: t.field({
      type: Merge,
      nullable: true,
      resolve: ({ change }, _args, ctx) => findMerge(ctx, change.data.merge),
    }),
    from: t.field({
      type: Customer,
      description: 'The merged customer under its own id.',
      resolve: ({ change }, _args, ctx) => keptCustomer(ctx, change.data.from),
    }),
    into: t.field({
      type: Customer,
      description: 'The customer it was merged into, under its own id.',
      resolve: ({ change }, _args, ctx) => keptCustomer(ctx, change.data.into),
    }),
    fromId: t.id({
      description: 'The id of `from`, without loading it.',
      resolve: ({ change }) => formatGlobalId('Customer', change.data.from),
    }),
    intoId: t.id({
      description: 'The id of `into`, without loading it.',
      resolve: ({ change }) => formatGlobalId('Customer', change.data.into),
    }),
  }));
}
