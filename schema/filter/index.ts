import './customers.ts';
import './filter.ts';
import './why.ts';
