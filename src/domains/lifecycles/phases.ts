/** The general phases of a customer's life, so that stages of different lifecycles can be compared. */
export const phases = [
  'AWARENESS',
  'ACQUISITION',
  'CONVERSION',
  'ONBOARDING',
  'ENGAGEMENT',
  'RETENTION',
  'EXPANSION',
  'LOYALTY',
  'ADVOCACY',
  'REACTIVATION',
  'CHURN',
] as const;

export type Phase = (typeof phases)[number];
