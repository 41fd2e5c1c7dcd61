/** Invalid input to a model; `code` is stable. */
export abstract class ModelRefusal extends Error {
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** An impossible purchase history. */
export class InvalidHistory extends ModelRefusal {
  readonly code = 'INVALID_HISTORY';

  constructor(problem: string) {
    super(`Invalid purchase history: ${problem}. Recompute it from the purchases.`);
  }
}

/** A purchase after the last counted day. */
export class FuturePurchase extends ModelRefusal {
  readonly code = 'FUTURE_PURCHASE';

  constructor(customer: string, day: number, until: number) {
    super(
      `Customer ${customer} has a purchase on day ${day}, after the last counted day ${until}. Omit later purchases or choose a later day.`,
    );
  }
}

/** An invalid amount, day or mean value. */
export class InvalidPurchase extends ModelRefusal {
  readonly code = 'INVALID_PURCHASE';
}

/** An impossible subscription event or instant. */
export class InvalidSubscription extends ModelRefusal {
  readonly code = 'INVALID_SUBSCRIPTION';

  constructor(problem: string) {
    super(`Invalid subscription: ${problem}. Correct or omit it.`);
  }
}

/** Invalid parameters: each must be a finite number above zero. */
export class InvalidParameters extends ModelRefusal {
  readonly code = 'INVALID_PARAMETERS';

  constructor(name: string, value: number, rule = 'a finite number above 0') {
    super(
      `The parameter ${name} must be ${rule}, not ${value}. Use those of a fit that converged.`,
    );
  }
}

/** An invalid horizon, threshold, rate or row. */
export class InvalidArgument extends ModelRefusal {
  readonly code = 'INVALID_ARGUMENT';

  constructor(name: string, rule: string, value: unknown) {
    super(`${name} must be ${rule}, not ${String(value)}.`);
  }
}

/** A horizon so far beyond the observations that the series does not converge. */
export class HorizonTooLong extends ModelRefusal {
  readonly code = 'HORIZON_TOO_LONG';

  constructor() {
    super('The horizon is too long to compute this model. Use a shorter one.');
  }
}
