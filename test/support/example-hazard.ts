import type { HazardModel } from '../../src/domains/churn/subscription/hazard-model.ts';
import {
  type RenewalMeasure,
  renewalMeasures,
} from '../../src/domains/churn/subscription/renewal-measures.ts';

/** The plan, then the measures: tenure, its logarithm, usage, payment, low and unknown satisfaction. */
export const exampleHazard: HazardModel<RenewalMeasure> = {
  plans: { reference: 'Pro', own: ['Basic'], hasOther: false },
  measures: renewalMeasures,
  logistic: {
    intercept: -1,
    coefficients: [0.5, -0.02, -0.3, -0.8, 1.4, 0.9, 0.2],
    means: [0.4, 5, 1.5, 0, 0.1, 0.25, 0.3],
  },
  calibration: { slope: 0.9, intercept: 0.1 },
};
