import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isRequiredArgument,
} from 'graphql';
import { type PathStep, stepsOf } from './selection-paths.ts';

/** Everything that can be selected of a field, to a depth, as far as the steps are wanted. */
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
    // The same name may have another type in another member of a union.
    return `... on ${on.name} { ${on.name}_${field.name}: ${field.name} ${inner} }`;
  });
  return `{ __typename ${selected.join(' ')} }`;
}
