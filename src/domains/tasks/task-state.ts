import { DomainError } from '../../platform/errors.ts';

export const taskStates = ['OPEN', 'ACCEPTED', 'DONE', 'CANCELLED'] as const;

export type TaskState = (typeof taskStates)[number];

export type TaskStep = 'accept' | 'complete' | 'cancel' | 'assign';

/** The states in which each step is allowed. */
const allowed = {
  accept: ['OPEN'],
  complete: ['ACCEPTED'],
  cancel: ['OPEN', 'ACCEPTED'],
  assign: ['OPEN', 'ACCEPTED'],
} as const satisfies Record<TaskStep, readonly TaskState[]>;

const participles: Record<TaskStep, string> = {
  accept: 'accepted',
  complete: 'completed',
  cancel: 'cancelled',
  assign: 'assigned',
};

/** The task's state does not allow the step. */
export class WrongTaskState extends DomainError {
  readonly code = 'TASK_STATE';
  override readonly status = 409;
  readonly state: TaskState;

  constructor(step: TaskStep, state: TaskState) {
    const states = allowed[step].join(' or ');
    super(`The task is ${state}: it can be ${participles[step]} only while it is ${states}.`);
    this.state = state;
  }
}

/** @throws WrongTaskState */
export function requireState(step: TaskStep, state: TaskState) {
  const states: readonly TaskState[] = allowed[step];
  if (!states.includes(state)) throw new WrongTaskState(step, state);
}
