import './segment.ts';
import './segment-changed.ts';
import './segment-changes.ts';
import './segment-clause.ts';
import './segment-list.ts';
import './segment-members.ts';
import './segment-past.ts';
