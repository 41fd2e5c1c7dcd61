import type {
  LifecycleTemplate,
  StageTemplate,
} from '../../src/domains/lifecycles/templates/lifecycle-template.ts';
import { lifecycleTemplates } from '../../src/domains/lifecycles/templates/lifecycle-templates.ts';
import { builder } from '../kernel/builder.ts';
import { LifecyclePhase } from './lifecycle.ts';

const StageTemplateType = builder.objectRef<StageTemplate>('StageTemplate').implement({
  description: 'A stage of a template.',
  fields: (t) => ({
    key: t.exposeString('key'),
    name: t.exposeString('name', { description: "The article's own word." }),
    synonyms: t.exposeStringList('synonyms'),
    phase: t.expose('phase', { type: LifecyclePhase }),
    description: t.exposeString('description'),
    entry: t.expose('entry', {
      type: 'JSON',
      description: 'Who belongs to it, a `CustomerFilter`.',
    }),
    stay: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Who once in it remains, a `CustomerFilter`.',
      resolve: ({ stay }) => stay ?? null,
    }),
    expectedDuration: t.field({
      type: 'Duration',
      nullable: true,
      resolve: ({ expectedDuration }) => expectedDuration ?? null,
    }),
  }),
});

const LifecycleTemplateType = builder.objectRef<LifecycleTemplate>('LifecycleTemplate').implement({
  description: 'A lifecycle ready to be loaded with `createLifecycle(template:)`.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'Its name, and the key of the lifecycle it becomes.',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    source: t.field({
      type: ['String'],
      description: "The article's words about its stages as a whole.",
      resolve: ({ source }) => [...source],
    }),
    stages: t.field({
      type: [StageTemplateType],
      description: 'In order.',
      resolve: ({ stages }) => [...stages],
    }),
  }),
});

builder.queryField('lifecycleTemplates', (t) =>
  t.field({
    type: [LifecycleTemplateType],
    description: 'The lifecycles that can be loaded by name; all of them may be in use at once.',
    resolve: () => [...lifecycleTemplates],
  }),
);
