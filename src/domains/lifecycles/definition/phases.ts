/** The general phases of a customer lifecycle, which make the stages of different lifecycles comparable. */
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
