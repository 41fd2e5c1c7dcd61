import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isRequiredArgument,
} from 'graphql';
import { type PathStep, stepsOf } from './selection-paths.ts';

/** Selects every field to a depth, as far as `isWanted` accepts the steps. */
export function selectAll(
  schema: GraphQLSchema,
  { type }: Pick<GraphQLField<unknown, unknown>, 'type'>,
  { depth, isWanted }: { depth: number; isWanted: (step: PathStep) => boolean },
): string {
  const named: GraphQLNamedType = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (depth === 0) return '{ __typename }';
  const steps = stepsOf(schema, named).filter(
    (step) => !step.field.args.some(isRequiredArgument) && isWanted(step),
  );
  const selected = steps.map(({ on, field }) => {
    const inner = selectAll(schema, field, { depth: depth - 1, isWanted });
    // Fields of the same name may have different types in the members of a union.
    return `... on ${on.name} { ${on.name}_${field.name}: ${field.name} ${inner} }`;
  });
  return `{ __typename ${selected.join(' ')} }`;
}
