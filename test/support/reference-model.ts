import {
  countFacts,
  filled,
  instant,
  latestStatedEmail,
  type ReferenceCall,
  type ReferenceSettings,
} from './reference-facts.ts';

interface ReferencePerson {
  /** Customers are numbered in order of creation. */
  number: number;
  names: string[];
  mergedInto: ReferencePerson | undefined;
  evaluatedAt: number;
  userId: string | null;
  email: string | null;
  stage: { key: string; since: string } | undefined;
}

interface Recorded {
  call: ReferenceCall;
  /** In ms. */
  at: number;
  /** The customer that the event was recorded for, before any later merge. */
  person: ReferencePerson;
  /** The identities in the call that belong to this customer. */
  names: string[];
}

interface Cause {
  at: number;
  late: boolean;
  cause: 'EVENT' | 'MERGE' | 'UNMERGE';
  event: string | null;
}

/** A call as it counts for a server that received it at an instant: a time ahead is that instant. */
export const asReceived = (call: ReferenceCall, receivedAt: Date): ReferenceCall => ({
  ...call,
  timestamp: instant(Math.min(Date.parse(call.timestamp), receivedAt.getTime())),
});

const emailIn = ({ type, traits, context }: ReferenceCall) =>
  type === 'identify' && traits && 'email' in traits ? traits['email'] : context?.traits?.email;

/** The identities in a call, the strongest first, as `kind:value`. */
function namesIn(call: ReferenceCall): string[] {
  const email = emailIn(call);
  return [
    ...(call.userId ? [`user_id:${call.userId}`] : []),
    ...(call.context?.externalIds ?? []).map(({ type, id }) => `external:${type}:${id}`),
    ...(typeof email === 'string' ? [`email:${email.trim().toLowerCase()}`] : []),
    ...(call.anonymousId ? [`anonymous_id:${call.anonymousId}`] : []),
  ];
}

/**
 * A simple, slow reference implementation of identity resolution and the default lifecycle. It stores no facts, but
 * computes them from all events. Shares no code with the product.
 */
export function createReference(workspace: ReferenceSettings) {
  const people: ReferencePerson[] = [];
  const events: Recorded[] = [];
  /** Who got which identity, in order. An address may be held by several customers. */
  const holdings: Array<{ name: string; person: ReferencePerson }> = [];
  const merges: Array<{
    from: ReferencePerson;
    into: ReferencePerson;
    at: number;
    event: string;
    undone: boolean;
    /** The stage that the merged customer left. */
    stage: string | undefined;
  }> = [];
  const changes: object[] = [];

  const survivor = (person: ReferencePerson): ReferencePerson =>
    person.mergedInto ? survivor(person.mergedInto) : person;
  const groupOf = (person: ReferencePerson) => people.filter((other) => survivor(other) === person);
  const holders = (name: string) =>
    holdings.filter((held) => held.name === name).map(({ person }) => person);
  /** The customer an identity leads to: the first holder that has not stated another address, else the last one. */
  const leadsTo = (name: string): ReferencePerson[] => {
    const found = holders(name).map(survivor);
    const leader = found.find((person) => !hasLeft(person, name)) ?? found.at(-1);
    return leader ? [leader] : [];
  };
  const hasLeft = (person: ReferencePerson, name: string) => {
    const stated = statedEmail(person);
    if (!name.startsWith('email:') || stated === undefined) return false;
    return name !== `email:${filled(stated)?.trim().toLowerCase()}`;
  };
  const namesOf = (members: ReferencePerson[]) =>
    [...new Set(members.flatMap(({ names }) => names))].sort();
  const isUser = (person: ReferencePerson) =>
    namesOf(groupOf(person)).some((name) => name.startsWith('user_id:'));
  /** Whether two customers contain the two sides of an undone merge. */
  const wereSeparated = (a: ReferencePerson, b: ReferencePerson) =>
    merges.some(({ from, into, undone }) => {
      const ends = [survivor(from), survivor(into)];
      return undone && ends.includes(a) && ends.includes(b);
    });

  const eventsOf = (members: ReferencePerson[]) =>
    events.filter(({ person }) => members.includes(person));
  const factsOf = (person: ReferencePerson) => countFacts(eventsOf(groupOf(person)), workspace);
  /** The latest address that `identify` stated: null if it removed it, undefined if it stated none. */
  const statedEmail = (person: ReferencePerson) => latestStatedEmail(eventsOf(groupOf(person)));

  function stageOf(person: ReferencePerson): string {
    const { orderCount, leadAt } = factsOf(person);
    if (orderCount >= 5) return 'LOYALTY';
    if (orderCount >= 2) return 'RETENTION';
    if (orderCount === 1) return 'CONVERSION';
    return person.userId || person.email || leadAt ? 'ACQUISITION' : 'REACH';
  }

  function evaluate(person: ReferencePerson, { at, late, cause, event }: Cause) {
    const to = stageOf(person);
    const from = person.stage?.key ?? null;
    if (from === to) return;
    person.stage = { key: to, since: instant(at) };
    const customer = person.number;
    changes.push({
      kind: 'STAGE_CHANGED',
      customer,
      at: instant(at),
      from,
      to,
      late,
      cause,
      event,
    });
  }

  /** Recomputes user id and e-mail address from the remaining identities and events after a merge or its undoing. */
  function rename(person: ReferencePerson) {
    const members = groupOf(person);
    const valuesOf = (kind: string) =>
      namesOf(members).flatMap((name) => (name.startsWith(kind) ? name.slice(kind.length) : []));
    const users = valuesOf('user_id:');
    if (!person.userId || !users.includes(person.userId)) person.userId = users[0] ?? null;
    const emails = valuesOf('email:');
    const reported = eventsOf(members).flatMap(
      ({ call }) => filled(emailIn(call))?.trim().toLowerCase() ?? [],
    );
    const present = person.email?.trim().toLowerCase();
    const remaining = present && [...emails, ...reported].includes(present) ? person.email : null;
    const stated = statedEmail(person);
    person.email = stated === undefined ? (remaining ?? emails[0] ?? null) : filled(stated);
  }

  function merge(
    from: ReferencePerson,
    into: ReferencePerson,
    { call, at }: { call: ReferenceCall; at: number },
  ) {
    const time = Math.max(at, from.evaluatedAt, into.evaluatedAt);
    from.mergedInto = into;
    merges.push({
      from,
      into,
      at: time,
      event: call.messageId,
      undone: false,
      stage: from.stage?.key,
    });
    from.stage = undefined;
    into.evaluatedAt = time;
    rename(into);
    changes.push({
      kind: 'CUSTOMER_MERGED',
      customer: into.number,
      at: instant(time),
      merged: [from.number, into.number],
    });
    evaluate(into, { at: time, late: at < time, cause: 'MERGE', event: call.messageId });
  }

  /** The surviving customer: the named user; otherwise a user among the found ones; otherwise the first created. */
  function chooseSurvivor(
    customers: ReferencePerson[],
    call: ReferenceCall,
  ): ReferencePerson | undefined {
    const [named] = call.userId ? leadsTo(`user_id:${call.userId}`) : [];
    if (named) return named;
    const possible = call.userId ? customers.filter((person) => !isUser(person)) : customers;
    return possible.find(isUser) ?? possible.toSorted((a, b) => a.number - b.number)[0];
  }

  function receive(call: ReferenceCall) {
    if (events.some((known) => known.call.messageId === call.messageId)) return;
    const at = Date.parse(call.timestamp);
    const customers = [...new Set(namesIn(call).flatMap(leadsTo))];
    const { previousId = '' } = call;
    const asVisitor = `anonymous_id:${previousId}`;
    const [previous] =
      call.type === 'alias' ? [`user_id:${previousId}`, asVisitor].flatMap(leadsTo) : [];
    const existing = chooseSurvivor(customers, call) ?? previous;
    const person = existing ?? createCustomer(at);

    if (call.type === 'alias') {
      if (previous && previous !== person) merge(previous, person, { call, at });
    } else {
      for (const other of customers) {
        const twoUsers = isUser(other) && (isUser(person) || call.userId);
        if (other === person || twoUsers || wereSeparated(other, person)) continue;
        merge(other, person, { call, at });
      }
    }
    const names = namesIn(call);
    if (call.type === 'alias' && !previous) names.push(asVisitor);
    for (const name of names) {
      const held = holders(name).map(survivor);
      if (name.startsWith('email:') ? held.includes(person) : held.length > 0) continue;
      person.names.push(name);
      holdings.push({ name, person });
    }
    const reported = call.type === 'alias' ? [...names, asVisitor] : names;
    const ownNames = reported.filter((name) => holders(name).map(survivor).includes(person));
    apply({ call, at, person: strongest(names, person), names: ownNames }, person);
  }

  function createCustomer(at: number): ReferencePerson {
    const number = people.length;
    const initial = {
      names: [],
      mergedInto: undefined,
      userId: null,
      email: null,
      stage: undefined,
    };
    const person: ReferencePerson = { number, evaluatedAt: at, ...initial };
    people.push(person);
    changes.push({ kind: 'CUSTOMER_CREATED', customer: number, at: instant(at) });
    return person;
  }

  /** An event is recorded for the customer that owns its strongest identity. */
  const strongest = (names: string[], person: ReferencePerson) =>
    names.flatMap(holders).find((candidate) => survivor(candidate) === person) ?? person;

  function apply(recorded: Recorded, person: ReferencePerson) {
    const { call, at } = recorded;
    events.push(recorded);
    const late = at < person.evaluatedAt;
    person.evaluatedAt = Math.max(at, person.evaluatedAt);
    person.userId ??= call.userId ?? null;
    const email = namesIn(call).find((name) => name.startsWith('email:'));
    person.email ??= email?.slice('email:'.length) ?? null;
    const stated = statedEmail(person);
    if (stated !== undefined) person.email = filled(stated);
    evaluate(person, { at: person.evaluatedAt, late, cause: 'EVENT', event: call.messageId });
  }

  /** A separated customer returns to the stage that it left, from which the rules move it on. */
  function restoreStage(person: ReferencePerson, to: string | undefined, now: number) {
    if (to === undefined) return;
    const [customer, at] = [person.number, instant(now)];
    person.stage = { key: to, since: at };
    const cause = { late: false, cause: 'UNMERGE', event: null };
    changes.push({ kind: 'STAGE_CHANGED', customer, at, from: null, to, ...cause });
  }

  /** Undoes the latest merge that is not undone. */
  function undoLatestMerge(now: number) {
    const latest = merges.findLast(({ undone }) => !undone);
    if (!latest) return;
    const { from, into } = latest;
    const survivorBefore = survivor(from);
    latest.undone = true;
    from.mergedInto = undefined;
    const merged = [from.number, into.number];
    changes.push({
      kind: 'CUSTOMER_UNMERGED',
      customer: survivorBefore.number,
      at: instant(now),
      merged,
    });
    restoreStage(from, latest.stage, now);
    for (const person of [survivorBefore, from]) {
      person.evaluatedAt = Math.max(now, person.evaluatedAt);
      rename(person);
      evaluate(person, { at: now, late: false, cause: 'UNMERGE', event: null });
    }
  }

  return {
    receive,
    undoLatestMerge,
    changes,
    /** The events of each customer by its number, in order of arrival. */
    histories: () =>
      people
        .filter(({ mergedInto }) => !mergedInto)
        .map((person) => ({
          customer: person.number,
          events: eventsOf(groupOf(person)),
          merged: groupOf(person).flatMap((one) => (one === person ? [] : [one.number])),
        })),
    merges: () =>
      merges.map(({ from, into, at, event, undone }) => ({
        merged: [from.number, into.number],
        at: instant(at),
        event,
        undone,
      })),
    customers: () =>
      people
        .filter(({ mergedInto }) => !mergedInto)
        .map((person) => ({
          customer: person.number,
          userId: person.userId,
          email: person.email,
          identities: namesOf(groupOf(person)),
          stage: person.stage,
          ...factsOf(person),
        })),
  };
}
