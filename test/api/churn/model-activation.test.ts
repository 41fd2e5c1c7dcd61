import { afterEach, expect, it } from 'vitest';
import { fitModel, passImportLease, waitForJob } from '../../support/churn-models.ts';
import { createShopWorkspace, day } from '../../support/churn-shop.ts';
import { ask } from '../../support/inspect.ts';
import { pollOptions } from '../../support/lock-ingestion.ts';
import { useServer } from '../../support/server.ts';

const server = useServer();

afterEach(() => {
  server.clock.now = undefined;
});

it.each([
  ['keeps a new model that is worse than the active one', 'certain of churn', 50, 'WORSE', 1],
  [
    'activates a new model that is better than the active one',
    'certain of return',
    -50,
    'ACTIVATED',
    2,
  ],
])(
  '%s, which is %s while all customers are silent',
  async (_what, _how, intercept, outcome, active) => {
    const { workspace } = await createShopWorkspace(server, 150);
    passImportLease(server);
    await fitModel(workspace);
    await ask(
      server,
      `update churn_model set definition = jsonb_set(definition, '{calibration,intercept}', $2::jsonb)
     where workspace_id = $1`,
      [workspace.id, JSON.stringify(intercept)],
    );
    // No customer buys in the 90 days on which the models are compared, unlike in those before.
    server.clock.now = new Date(Number(server.clock.now) + 77 * day);

    const job = await fitModel(workspace, 'IF_NOT_WORSE');

    expect(job).toMatchObject({ state: 'DONE', outcome, model: { version: 2 } });
    expect(await workspace.query('{ churnModel { version } }')).toEqual({
      churnModel: { version: active },
    });
  },
);

it('applies a model only after an import has ended', async () => {
  const { workspace } = await createShopWorkspace(server, 150);
  const assessed = () =>
    ask(server, 'select from customer_risk where workspace_id = $1', [workspace.id]);

  await workspace.query('mutation { fitChurnModel(activation: ALWAYS) { __typename } }');
  await expect
    .poll(
      () =>
        ask(
          server,
          `select j.state, j.done from job j join workspace_directory d on d.id = j.workspace_id
           where j.workspace_id = $1 and j.run_at = d.importing_until`,
          [workspace.id],
        ),
      pollOptions,
    )
    .toEqual([{ state: 'RUNNING', done: 0 }]);
  expect(await assessed()).toEqual([]);
  passImportLease(server);

  expect(await waitForJob(workspace)).toMatchObject({ outcome: 'ACTIVATED', done: 150 });
  expect(await assessed()).toHaveLength(150);
});
