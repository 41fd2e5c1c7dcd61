import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type OperationTypeNode,
} from 'graphql';

type WithFields = GraphQLObjectType | GraphQLInterfaceType;

/** A field, selected on its parent type or on a member or implementation of that type. */
export interface PathStep {
  on: WithFields;
  field: GraphQLField<unknown, unknown>;
}

export interface SelectionPath {
  operation: OperationTypeNode;
  steps: PathStep[];
}

/** All fields that can be selected on a type and on its possible types. */
export function stepsOf(schema: GraphQLSchema, type: GraphQLNamedType): PathStep[] {
  const own = isObjectType(type) || isInterfaceType(type) ? [type] : [];
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [...own, ...possible].flatMap((on) =>
    Object.values(on.getFields()).map((field) => ({ on, field })),
  );
}

/** Every path of at most `length` fields from the root type of an operation. */
export function selectionPaths(
  schema: GraphQLSchema,
  operation: OperationTypeNode,
  length: number,
): SelectionPath[] {
  const further = (type: GraphQLNamedType, left: number): PathStep[][] =>
    left === 0
      ? []
      : stepsOf(schema, type).flatMap((step) => [
          [step],
          ...further(getNamedType(step.field.type), left - 1).map((rest) => [step, ...rest]),
        ]);
  const root = schema.getRootType(operation);
  return root ? further(root, length).map((steps) => ({ operation, steps })) : [];
}

/** An operation that selects only the path, without arguments. */
export function documentOf({ operation, steps }: SelectionPath): string {
  const end = steps.at(-1);
  const leaf = end && isCompositeType(getNamedType(end.field.type)) ? '{ __typename }' : '';
  const selected = steps.reduceRight(
    (inner, { on, field }) => `{ ... on ${on.name} { ${field.name} ${inner} } }`,
    leaf,
  );
  return `${operation} ${selected}`;
}
