/** A stage change like one of ours, of the same size, for servers without a database. */
export const baselineChange = (position: number) => {
  const at = new Date().toISOString();
  return {
    __typename: 'StageChanged',
    at,
    recordedAt: at,
    cursor: `8a79a4ad1a.${position}`,
    fromKey: null,
    toKey: 'CONVERSION',
    customer: {
      id: 'Q3VzdG9tZXI6MDE5YWNjZTktYjQ3NS03ZjU0LWI0YjYtZTZjMzE0YzM5ZGY1',
      name: null,
      orderCount: 1,
    },
  };
};

export type BaselineChange = ReturnType<typeof baselineChange>;
