import { describe, expect, it } from 'vitest';
import { phases } from '../../../src/domains/lifecycles/definition/phases.ts';
import { parseStages } from '../../../src/domains/lifecycles/parse-stages.ts';
import { draftStages } from '../../../src/domains/lifecycles/templates/lifecycle-template.ts';
import {
  findTemplate,
  lifecycleTemplates,
} from '../../../src/domains/lifecycles/templates/lifecycle-templates.ts';
import { parseFilter } from '../../../src/engine/conditions/parse-filter.ts';
import { resolveFilter } from '../../../src/engine/conditions/resolve.ts';

const words = {
  REACH_TO_LOYALTY: ['Reach', 'Acquisition', 'Conversion', 'Retention', 'Loyalty'],
  AWARENESS_TO_LOYALTY: ['Awareness', 'Consideration', 'Loyalty'],
  POSSESSION_AND_TURNING: ['Reach', 'Possession', 'Turning', 'Retention', 'Loyalty'],
  ACQUISITION_TO_ADVOCACY: ['Acquisition', 'Engagement', 'Retention', 'Expansion', 'Advocacy'],
  AWARENESS_TO_RETENTION: [
    'Awareness',
    'Acquisition',
    'Onboarding',
    'Engagement',
    'Retention',
    'Advocacy',
    'Dormant',
    'Churned',
    'Reactivated',
  ],
};

it('has the stages of the five articles in their wording and order', () => {
  const actual = lifecycleTemplates.map(({ key, stages }) => [key, stages.map(({ name }) => name)]);

  expect(Object.fromEntries(actual)).toEqual(words);
});

it('finds a template by its key, case-insensitively', () => {
  expect(findTemplate(' acquisition_to_advocacy ')?.key).toBe('ACQUISITION_TO_ADVOCACY');
  expect(findTemplate('ARTICLE_000')).toBeUndefined();
});

it('keeps the rules of the default lifecycle', () => {
  expect(findTemplate('REACH_TO_LOYALTY')?.stages.map(({ entry }) => entry)).toEqual([
    { all: [] },
    { any: [{ fact: { identified: true } }, { fact: { leadAt: { exists: true } } }] },
    { fact: { orderCount: { atLeast: 1 } } },
    { fact: { orderCount: { atLeast: 2 } } },
    { fact: { orderCount: { atLeast: 5 } } },
  ]);
});

describe.each(lifecycleTemplates)('$key', (template) => {
  const stages = draftStages(template);
  const rules = stages.flatMap(({ entry, stay }) => (stay ? [entry, stay] : [entry]));

  it('consists of stages that parseStages accepts', () => {
    expect(parseStages(stages)).toEqual(stages);
    expect(stages.every(({ key, name }) => key === name.toUpperCase())).toBe(true);
    expect(stages.every(({ phase }) => phases.includes(phase))).toBe(true);
  });

  it('has exactly one stage that matches every customer, the first', () => {
    expect(stages.filter(({ entry }) => 'all' in entry && entry.all.length === 0)).toEqual([
      stages[0],
    ]);
  });

  it('refers only to its own stages, and only to past entries', () => {
    const own = { id: '1', key: template.key, isDefault: false, rules: [] };
    const keys = stages.map(({ key }) => key);
    const vocabulary = {
      timeZone: 'UTC',
      segments: [],
      riskModel: null,
      lifecycles: [{ ...own, stages: keys }],
    };

    for (const rule of rules) {
      expect(() =>
        resolveFilter(parseFilter(rule), vocabulary, 'rule', { ownLifecycleId: '1' }),
      ).not.toThrow();
    }
  });

  it('quotes the article for the model and for each stage', () => {
    expect(template.source.length).toBeGreaterThan(0);
    expect(stages.filter(({ description }) => !/“[^“”]+”/.test(description))).toEqual([]);
  });
});
