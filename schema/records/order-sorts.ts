import { addCustomerSorts } from '../filter/customer-sorts.ts';

addCustomerSorts({
  ORDER_COUNT: { sort: () => ({ fact: 'orderCount' }) },
  NET_REVENUE: { sort: () => ({ fact: 'netRevenue' }) },
});
