import './changes.ts';
import './customer-changes.ts';
import './timeline.ts';
import './watch.ts';
