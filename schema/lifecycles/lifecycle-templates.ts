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
    name: t.exposeString('name', { description: 'The name used in the article.' }),
    synonyms: t.exposeStringList('synonyms'),
    phase: t.expose('phase', { type: LifecyclePhase }),
    description: t.exposeString('description'),
    entry: t.expose('entry', {
      type: 'JSON',
      description: 'The rule for entering the stage, a `CustomerFilter`.',
    }),
    stay: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The rule for staying in the stage, a `CustomerFilter`.',
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
  description:
    'A predefined lifecycle for `createLifecycle(template:)`. The description names the article it was taken from.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'The key of the template and of the lifecycle created from it.',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    source: t.field({
      type: ['String'],
      description: 'Quotations from the article about the stages as a whole.',
      resolve: ({ source }) => [...source],
    }),
    stages: t.field({
      type: [StageTemplateType],
      description: 'The stages in order.',
      resolve: ({ stages }) => [...stages],
    }),
  }),
});

builder.queryField('lifecycleTemplates', (t) =>
  t.field({
    type: [LifecycleTemplateType],
    description: 'The predefined lifecycles. A workspace may use all of them at once.',
    resolve: () => [...lifecycleTemplates],
  }),
);
