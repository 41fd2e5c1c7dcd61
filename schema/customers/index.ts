import './customer.ts';
import './customer-by.ts';
import './customer-tags.ts';
import './event.ts';
import './merge.ts';
import './rejected-event.ts';
import './track.ts';
import './workspace-totals.ts';
