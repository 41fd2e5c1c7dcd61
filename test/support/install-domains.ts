import { domains } from '../../src/domains.ts';
import { installExtensions } from '../../src/engine/extensions.ts';

installExtensions(domains.map(({ extension }) => extension));
