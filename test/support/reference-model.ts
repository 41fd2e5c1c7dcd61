import {
  type Call,
  countFacts,
  filled,
  instant,
  type Reckoning,
  traitsOf,
} from './reference-facts.ts';

interface Person {
  /** Customers are numbered as they appear. */
  number: number;
  names: string[];
  mergedInto: Person | undefined;
  evaluatedAt: number;
  userId: string | null;
  email: string | null;
  stage: { key: string; since: string } | undefined;
}

interface Recorded {
  call: Call;
  /** In ms. */
  at: number;
  /** For whom it was recorded, whoever that one has become since. */
  person: Person;
  /** The names in it that led to that one. */
  names: string[];
}

interface Cause {
  at: number;
  late: boolean;
  cause: 'EVENT' | 'MERGE' | 'UNMERGE';
  event: string | null;
}

const emailTold = ({ type, traits, context }: Call) =>
  type === 'identify' ? traits?.['email'] : context?.traits?.email;

/** The names in a call, the strongest first, as `kind:value`. */
function namesIn(call: Call): string[] {
  const email = emailTold(call);
  return [
    ...(call.userId ? [`user_id:${call.userId}`] : []),
    ...(call.context?.externalIds ?? []).map(({ type, id }) => `external:${type}:${id}`),
    ...(typeof email === 'string' ? [`email:${email.trim().toLowerCase()}`] : []),
    ...(call.anonymousId ? [`anonymous_id:${call.anonymousId}`] : []),
  ];
}

/**
 * What the design says, event by event, slow and plain: facts are never kept, but counted anew from
 * the whole list of events whenever somebody asks. It shares no code with the product.
 */
export function createReference(workspace: Reckoning) {
  const people: Person[] = [];
  const events: Recorded[] = [];
  const merges: Array<{ from: Person; into: Person; at: number; event: string; undone: boolean }> =
    [];
  const changes: object[] = [];

  const survivor = (person: Person): Person =>
    person.mergedInto ? survivor(person.mergedInto) : person;
  const family = (person: Person) => people.filter((other) => survivor(other) === person);
  const owner = (name: string) => people.find(({ names }) => names.includes(name));
  const leadsTo = (name: string) =>
    [owner(name)].flatMap((found) => (found ? survivor(found) : []));
  const namesOf = (members: Person[]) => members.flatMap(({ names }) => names).sort();
  const isUser = (person: Person) =>
    namesOf(family(person)).some((name) => name.startsWith('user_id:'));
  /** Somebody has taken apart two customers that these two consist of. */
  const wereSeparated = (a: Person, b: Person) =>
    merges.some(({ from, into, undone }) => {
      const ends = [survivor(from), survivor(into)];
      return undone && ends.includes(a) && ends.includes(b);
    });

  const eventsOf = (members: Person[]) => events.filter(({ person }) => members.includes(person));
  const factsOf = (person: Person) => countFacts(eventsOf(family(person)), workspace);
  const emailTrait = (person: Person) => filled(traitsOf(eventsOf(family(person)))['email']);

  function stageOf(person: Person): string {
    const { orderCount, leadAt } = factsOf(person);
    if (orderCount >= 5) return 'LOYALTY';
    if (orderCount >= 2) return 'RETENTION';
    if (orderCount === 1) return 'CONVERSION';
    return person.userId || person.email || leadAt ? 'ACQUISITION' : 'REACH';
  }

  function evaluate(person: Person, { at, late, cause, event }: Cause) {
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

  /** After a merge or its undoing: what one is called, from the names and tellings that are left. */
  function rename(person: Person) {
    const members = family(person);
    const valuesOf = (kind: string) =>
      namesOf(members).flatMap((name) => (name.startsWith(kind) ? name.slice(kind.length) : []));
    const users = valuesOf('user_id:');
    if (!person.userId || !users.includes(person.userId)) person.userId = users[0] ?? null;
    const emails = valuesOf('email:');
    const told = eventsOf(members).flatMap(
      ({ call }) => filled(emailTold(call))?.trim().toLowerCase() ?? [],
    );
    const present = person.email?.trim().toLowerCase();
    const kept = present && [...emails, ...told].includes(present) ? person.email : null;
    person.email = emailTrait(person) ?? kept ?? emails[0] ?? null;
  }

  function merge(from: Person, into: Person, { call, at }: { call: Call; at: number }) {
    const then = Math.max(at, from.evaluatedAt, into.evaluatedAt);
    from.mergedInto = into;
    from.stage = undefined;
    into.evaluatedAt = then;
    merges.push({ from, into, at: then, event: call.messageId, undone: false });
    rename(into);
    changes.push({
      kind: 'CUSTOMER_MERGED',
      customer: into.number,
      at: instant(then),
      merged: [from.number, into.number],
    });
    evaluate(into, { at: then, late: at < then, cause: 'MERGE', event: call.messageId });
  }

  /** The one that stays: the user that is named; else a user among those met; else who came first. */
  function mainOf(found: Person[], call: Call): Person | undefined {
    const [named] = call.userId ? leadsTo(`user_id:${call.userId}`) : [];
    if (named) return named;
    const possible = call.userId ? found.filter((person) => !isUser(person)) : found;
    return possible.find(isUser) ?? possible.toSorted((a, b) => a.number - b.number)[0];
  }

  function take(call: Call) {
    if (events.some((known) => known.call.messageId === call.messageId)) return;
    const at = Date.parse(call.timestamp);
    const found = [...new Set(namesIn(call).flatMap(leadsTo))];
    const { previousId = '' } = call;
    const asVisitor = `anonymous_id:${previousId}`;
    const [previous] =
      call.type === 'alias' ? [`user_id:${previousId}`, asVisitor].flatMap(leadsTo) : [];
    const met = mainOf(found, call) ?? previous;
    const person = met ?? appear(at);

    if (call.type === 'alias') {
      if (previous && previous !== person) merge(previous, person, { call, at });
    } else {
      for (const other of found) {
        const twoUsers = isUser(other) && (isUser(person) || call.userId);
        if (other === person || twoUsers || wereSeparated(other, person)) continue;
        merge(other, person, { call, at });
      }
    }
    const names = namesIn(call);
    if (call.type === 'alias' && !previous) names.push(asVisitor);
    person.names.push(...new Set(names.filter((name) => !owner(name))));
    const told = call.type === 'alias' ? [...names, asVisitor] : names;
    const its = told.filter((name) => leadsTo(name).includes(person));
    apply({ call, at, person: strongest(names, person), names: its }, person);
  }

  function appear(at: number): Person {
    const number = people.length;
    const nobody = {
      names: [],
      mergedInto: undefined,
      userId: null,
      email: null,
      stage: undefined,
    };
    const person: Person = { number, evaluatedAt: at, ...nobody };
    people.push(person);
    changes.push({ kind: 'CUSTOMER_CREATED', customer: number, at: instant(at) });
    return person;
  }

  /** An event is recorded for the one to whom its strongest name was given. */
  const strongest = (names: string[], person: Person) =>
    names.flatMap((name) => owner(name) ?? []).find((given) => survivor(given) === person) ??
    person;

  function apply(recorded: Recorded, person: Person) {
    const { call, at } = recorded;
    events.push(recorded);
    const late = at < person.evaluatedAt;
    person.evaluatedAt = Math.max(at, person.evaluatedAt);
    person.userId ??= call.userId ?? null;
    const email = namesIn(call).find((name) => name.startsWith('email:'));
    person.email ??= email?.slice('email:'.length) ?? null;
    person.email = emailTrait(person) ?? person.email;
    evaluate(person, { at: person.evaluatedAt, late, cause: 'EVENT', event: call.messageId });
  }

  /** Takes back the newest merge that is in force. */
  function undoLast(now: number) {
    const taken = merges.findLast(({ undone }) => !undone);
    if (!taken) return;
    const { from, into } = taken;
    const whole = survivor(from);
    taken.undone = true;
    from.mergedInto = undefined;
    const merged = [from.number, into.number];
    changes.push({ kind: 'CUSTOMER_UNMERGED', customer: whole.number, at: instant(now), merged });
    for (const person of [whole, from]) {
      person.evaluatedAt = Math.max(now, person.evaluatedAt);
      rename(person);
      evaluate(person, { at: now, late: false, cause: 'UNMERGE', event: null });
    }
  }

  return {
    take,
    undoLast,
    changes,
    /** The events of each customer, by its number, in the order of arrival. */
    stories: () =>
      people
        .filter(({ mergedInto }) => !mergedInto)
        .map((person) => ({ customer: person.number, events: eventsOf(family(person)) })),
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
          identities: namesOf(family(person)),
          stage: person.stage,
          ...factsOf(person),
        })),
  };
}
