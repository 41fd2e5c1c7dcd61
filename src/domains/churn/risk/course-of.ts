import { type ToldEvent, toSubscriptionEvents } from '../subscription/told-events.ts';
import type { ActivityCount } from '../subscription/usage.ts';
import type { Course } from './course.ts';
import { purchaseCourse } from './purchase-course.ts';
import { renewalCourse } from './renewal-course.ts';
import type { RiskModel } from './risk-model.ts';

/** Days with activity after the first, the first and the last instant, and what was bought since the first day. */
type Purchases = readonly number[];

/** What was told of a customer's subscription, and its activity by days. */
interface ToldSubscription {
  events: readonly ToldEvent[];
  activity: readonly ActivityCount[];
}

/** What is known of a customer that risk is assessed by, in the words of the model's mode. */
export type RiskHistory = Purchases | ToldSubscription;

/** How the customer's risk goes from here; undefined of whoever did nothing that the model is about. */
export function courseOf(
  model: RiskModel,
  history: RiskHistory | null | undefined,
): Course | undefined {
  if (!history) return undefined;
  if ('events' in history) {
    return model.mode === 'SUBSCRIPTION' ? renewalCourseOf(model, history) : undefined;
  }
  return model.mode === 'ACTIVITY' ? purchaseCourse(model, toActivity(history)) : undefined;
}

/** Every rule of risk asks anew of one and the same history. */
const renewalCourses = new WeakMap<ToldSubscription, [RiskModel, Course | undefined]>();

function renewalCourseOf(model: Parameters<typeof renewalCourse>[0], told: ToldSubscription) {
  const [knownModel, known] = renewalCourses.get(told) ?? [];
  if (knownModel === model) return known;
  const { events, activity } = told;
  const course = renewalCourse(model, { events: events.flatMap(toSubscriptionEvents), activity });
  renewalCourses.set(told, [model, course]);
  return course;
}

function toActivity([x = 0, first = 0, last = 0, repeatValue = 0]: Purchases) {
  return { x, first, last, repeatValue };
}
