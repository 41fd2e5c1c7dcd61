import fc from 'fast-check';

// A property with a database takes minutes to shrink. So it fails at the first counterexample and prints its seed and
// path; `STAGELINE_SHRINK=on` shrinks.
fc.configureGlobal({ endOnFailure: process.env['STAGELINE_SHRINK'] !== 'on' });
