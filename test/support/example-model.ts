import type { PurchaseRiskModel } from '../../src/domains/churn/risk/risk-model.ts';

/** A model for a shop whose customers return every few weeks. */
export const exampleModel: PurchaseRiskModel = {
  activity: 'PURCHASES',
  horizonDays: 90,
  parameters: { r: 0.69, alpha: 69.3, a: 0.495, b: 0.863 },
  calibration: { slope: 0.93, intercept: 0.2 },
  bands: {
    MEDIUM: { enter: 0.5, exit: 0.4 },
    HIGH: { enter: 0.8, exit: 0.7 },
    LAPSED: { enter: 0.97, exit: 0.95 },
  },
  spend: { p: 5, q: 4, v: 2_100 },
};
