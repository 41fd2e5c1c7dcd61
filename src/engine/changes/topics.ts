import { perInstallation } from '../extensions.ts';
import { familyTopics } from './family-topics.ts';
import type { Change } from './kinds.ts';
import { anyChange, type Topic, type TopicLookup } from './topic.ts';

declare module '../extensions.ts' {
  interface Extension {
    /** The topics of a change that its own data state. */
    topicsOf?: (change: Change) => readonly Topic[];
    topicLookups?: readonly TopicLookup[];
  }
}

const statedTopics = perInstallation((extensions) =>
  extensions.flatMap(({ topicsOf }) => topicsOf ?? []),
);

/** The topics of a change that need no look-up. */
export const topicsOf = (change: Change): Topic[] => [
  anyChange,
  `kind:${change.kind}`,
  ...statedTopics().flatMap((topics) => topics(change)),
];

const topicLookups = perInstallation(
  (extensions) =>
    new Map(
      [familyTopics, ...extensions.flatMap(({ topicLookups: own = [] }) => own)].map((lookup) => [
        lookup.name,
        lookup,
      ]),
    ),
);

/** The look-ups that the topics need. */
export function lookupsFor(topics: Iterable<Topic>): Set<TopicLookup> {
  const needed = new Set<TopicLookup>();
  for (const topic of topics) {
    const lookup = topicLookups().get(topic.slice(0, topic.indexOf(':')));
    if (lookup) needed.add(lookup);
  }
  return needed;
}
