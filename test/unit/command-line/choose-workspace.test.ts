import { describe, expect, it } from 'vitest';
import type { Workspace } from '../../../src/access/workspaces.ts';
import { chooseFrom } from '../../../src/entrypoints/command-line/choose-workspace.ts';

const workspace = (id: string, name: string, purpose: Workspace['purpose'] = 'main') => ({
  id,
  name,
  purpose,
  timeZone: 'UTC',
  currency: 'USD',
});
const main = workspace('id-1', 'Main');
const demo = workspace('id-2', 'Demo shop', 'demo');
const other = workspace('id-3', 'Other');

describe('choosing a workspace', () => {
  it('selects the only workspace besides the demo when no name is given', () => {
    expect(chooseFrom([main, demo])).toBe(main);
  });

  it('accepts an id, and a name in any case', () => {
    expect(chooseFrom([main, demo, other], 'id-3')).toBe(other);
    expect(chooseFrom([main, demo, other], 'demo SHOP')).toBe(demo);
  });

  it('prefers an id to an equal name', () => {
    expect(chooseFrom([workspace('id-9', 'id-1'), main], 'id-1')).toBe(main);
  });

  it.each([
    [
      'no name is given and several workspaces exist',
      [main, demo, other],
      undefined,
      ['id-1', 'id-3'],
    ],
    [
      'two workspaces have the name',
      [main, workspace('id-4', 'MAIN'), other],
      'Main',
      ['id-1', 'id-4'],
    ],
    ['no workspace has the name', [main, other], 'Nowhere', ['id-1', 'id-3']],
    ['there is only the demo', [demo], undefined, ['id-2']],
  ])('refuses with ids and names when %s', (_when, all, wanted, ids) => {
    let message = '';
    try {
      chooseFrom(all, wanted);
    } catch (error) {
      message = (error as Error).message;
    }

    expect(message.match(/id-\d/g)).toEqual(ids);
    for (const { id, name } of all.filter((one) => ids.includes(one.id))) {
      expect(message).toContain(`${id}  ${name}`);
    }
  });

  it('explains how to create the first workspace', () => {
    expect(() => chooseFrom([])).toThrow('workspace create');
  });
});
