import { byScore, byValueAtRisk } from '../../src/domains/churn/filter/risk-order.ts';
import { addCustomerSorts } from '../filter/customer-sorts.ts';
import { vocabularyOf } from '../filter/filter.ts';

addCustomerSorts({
  RISK: {
    description:
      'The churn score, on all pages as of the time of the first page. Unassessed customers rank lowest.',
    sort: async (ctx) => byScore((await vocabularyOf(ctx)).riskModel, ctx.now()),
  },
  VALUE_AT_RISK: {
    description:
      'The churn score times the lifetime value of one year that remains after the inactivity so far.',
    sort: async (ctx) => byValueAtRisk((await vocabularyOf(ctx)).riskModel, ctx.now()),
  },
});
