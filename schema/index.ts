import './access.ts';
import './changes.ts';
import './customer-stage.ts';
import './customers.ts';
import './errors.ts';
import './member.ts';
import './node.ts';
import './owner.ts';
import './scalars.ts';
import './tasks.ts';
import './team.ts';
import './timeline.ts';
import './track.ts';
import './watch.ts';
import './workspace.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema();
