/** Input that no model can use; `code` is stable. */
export abstract class ModelRefusal extends Error {
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** A purchase history that cannot have happened. */
export class InvalidHistory extends ModelRefusal {
  readonly code = 'INVALID_HISTORY';

  constructor(problem: string) {
    super(`A purchase history cannot be used: ${problem}. Count it again from the purchases.`);
  }
}

/** A purchase after the day up to which customers are counted. */
export class FuturePurchase extends ModelRefusal {
  readonly code = 'FUTURE_PURCHASE';

  constructor(customer: string, day: number, until: number) {
    super(
      `Customer ${customer} has a purchase on day ${day}, after day ${until} up to which is counted. Leave later purchases out or count to a later day.`,
    );
  }
}

/** An amount, a day or a mean value that no money or calendar has. */
export class InvalidPurchase extends ModelRefusal {
  readonly code = 'INVALID_PURCHASE';
}

/** A subscription event, or an instant, that cannot have happened. */
export class InvalidSubscription extends ModelRefusal {
  readonly code = 'INVALID_SUBSCRIPTION';

  constructor(problem: string) {
    super(`A subscription cannot be followed: ${problem}. Correct that or leave it out.`);
  }
}

/** Parameters outside the model: each must be a finite number above zero. */
export class InvalidParameters extends ModelRefusal {
  readonly code = 'INVALID_PARAMETERS';

  constructor(name: string, value: number, rule = 'a finite number above 0') {
    super(
      `The parameter ${name} must be ${rule}, not ${value}. Use those of a fit that converged.`,
    );
  }
}

/** A horizon, threshold, rate or row outside what is defined. */
export class InvalidArgument extends ModelRefusal {
  readonly code = 'INVALID_ARGUMENT';

  constructor(name: string, rule: string, value: unknown) {
    super(`${name} must be ${rule}, not ${String(value)}.`);
  }
}

/** So far ahead of what was observed that the series does not end. */
export class HorizonTooLong extends ModelRefusal {
  readonly code = 'HORIZON_TOO_LONG';

  constructor() {
    super('The horizon is too long for this model to be computed: ask for a shorter one.');
  }
}
