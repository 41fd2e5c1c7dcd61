import './errors.ts';
import './node.ts';
import './scalars.ts';
